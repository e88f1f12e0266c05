#!/usr/bin/env python3
"""Drives a report in headless Chromium, as a reader would: loads it, opens a folder, sorts, filters, changes the
language, prints. Fails when something does not happen, when the page asks for anything but itself, or when it takes
more than three seconds to load. Needs `chromium` and nothing else.

    python3 tests/browser/drive.py REPORT.html [SCREENSHOT_FOLDER]
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


class Browser:
    """Chromium over its debugging pipe (Chrome DevTools Protocol)."""

    def __init__(self, home: str) -> None:
        reads, self.out = os.pipe()
        self.into, writes = os.pipe()
        self.buffer, self.calls, self.events, self.session = b"", 0, [], None
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                   "--lang=en-GB", "--accept-lang=en-GB", f"--user-data-dir={home}", "about:blank"]

        def pipes() -> None:
            # Chromium reads descriptor 3 and writes descriptor 4.
            a, b = os.dup(reads), os.dup(writes)
            os.dup2(a, 3)
            os.dup2(b, 4)

        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stdout=quiet, stderr=quiet)
        os.close(reads)
        os.close(writes)
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def read(self) -> dict:
        while b"\0" not in self.buffer:
            piece = os.read(self.into, 1 << 20)
            if not piece:
                sys.exit("chromium has gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def do(self, method: str, **params) -> dict:
        self.calls += 1
        message = {"id": self.calls, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.calls:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def js(self, expression: str):
        result = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def load(self, path: pathlib.Path) -> float:
        start = time.time()
        self.do("Page.navigate", url=path.as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.read())
        self.js("document.readyState")
        return time.time() - start

    def shoot(self, path: pathlib.Path, width: int, dark: bool) -> None:
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])
        shot = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def told(self, method: str) -> list[dict]:
        return [e["params"] for e in self.events if e.get("method") == method]


def check(what: str, holds: bool) -> None:
    print(("ok    " if holds else "FAIL  ") + what)
    if not holds:
        sys.exit(1)


CONTRAST = """
(() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = node => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || !box.width || node.disabled || node.closest('svg, noscript, script, style, .skip')) continue;
    const a = light(parse(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) weak.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...weak].join('; ');
})()
"""


def drive(browser: Browser, report: pathlib.Path, shots: pathlib.Path) -> None:
    seconds = browser.load(report)
    js = browser.js
    check(f"loads in {seconds:.2f} s", seconds < 3)
    check("the findings are shown", js("!document.getElementById('app').hidden"))
    all_of_them = js("document.getElementById('count').textContent")
    print(f"      {all_of_them}")

    opened = "document.querySelectorAll('#tree .branch[aria-expanded=true]').length"
    before = js(opened)
    js("document.querySelector('#tree .branch[aria-expanded=false]').click()")
    check("a branch of the tree opens", js(opened) == before + 1)
    while js("!document.querySelector('#tree .part')"):
        js("[...document.querySelectorAll('#tree .branch[aria-expanded=false]')].at(-1).click()")
    check("a file shows its fields", js("document.querySelectorAll('#tree .part .branch').length") > 0)
    for dark in (False, True):
        browser.shoot(shots / f"1400-{'dark' if dark else 'light'}.png", 1400, dark)
        weak = js(CONTRAST)
        check(f"contrast, {'dark' if dark else 'light'}: {weak or 'all 4.5 and more'}", not weak)

    js("document.getElementById('as-list').click()")
    check("the list has rows", js("document.querySelectorAll('tr.f').length") > 0)
    js("document.querySelector('[data-sort=matches]').click()")
    values = js("[...document.querySelectorAll('tr.f td:nth-child(4)')].map(td => +td.textContent.replace(/\\D/g, ''))")
    check("sorting by values puts the largest first", values[0] == max(values))
    js("document.querySelector('tr.f .open').click()")
    check("a finding shows its evidence", js("document.querySelectorAll('tr.detail .ev li').length") > 0)
    js("{ const s = document.getElementById('f-severity'); s.value = s.options[1].value;"
       " s.dispatchEvent(new Event('change')); }")
    check("a filter leaves some", 0 < js("document.querySelectorAll('tr.f').length"))
    js("document.querySelector('form.bar').reset()")
    js("new Promise(done => setTimeout(done, 50))")
    check("clearing it brings all back", js("document.getElementById('count').textContent") == all_of_them)

    js("document.querySelector('[data-filter=category] button').click()")
    js("new Promise(done => setTimeout(done, 50))")
    check("a category's name filters by it", js("document.getElementById('f-category').value") != "")
    js("document.querySelector('form.bar').reset()")

    js("document.getElementById('lang').click()")
    check("it speaks Norwegian", js("document.documentElement.lang") == "nb"
          and js("document.getElementById('coverage').textContent") == "Hva som ble lest")
    browser.shoot(shots / "400-nb.png", 400, False)
    check("nothing sticks out at 400 px", js("document.documentElement.scrollWidth") <= 400)
    js("document.getElementById('lang').click()")

    pdf = base64.b64decode(browser.do("Page.printToPDF", printBackground=True)["data"])
    (shots / "report.pdf").write_bytes(pdf)
    check("it prints", pdf.startswith(b"%PDF") and len(pdf) > 20_000)
    asked = {r["request"]["url"] for r in browser.told("Network.requestWillBeSent")}
    check(f"asks for nothing but itself: {len(asked)} request", asked == {report.as_uri()})
    check("no errors", not browser.told("Runtime.exceptionThrown") and not browser.told("Log.entryAdded"))


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        shots = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else home)
        shots.mkdir(parents=True, exist_ok=True)
        browser = Browser(home)
        try:
            drive(browser, pathlib.Path(sys.argv[1]).resolve(), shots)
        finally:
            browser.process.terminate()
            browser.process.wait()


if __name__ == "__main__":
    main()
