//! Lists every detector file (they lie in folders; what lies beside the folders is no detector), so that the compiler takes them in and a new one needs no other line.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("patterns");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.retain(|file| file.parent() != Some(root.as_path()));
    files.sort();
    let mut code =
        String::from("/// `(path below patterns/, text)` of every built-in detector file.\n");
    code.push_str("pub static BUILT_IN: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).expect("below the root").to_string_lossy();
        let name = name.replace('\\', "/");
        code.push_str(&format!(
            "    ({name:?}, include_str!({:?})),\n",
            file.display().to_string()
        ));
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo")).join("patterns.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
    println!("cargo:rerun-if-changed=patterns");
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("patterns/ is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
}
