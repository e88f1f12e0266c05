/* Hyperscan in block mode on one file: `hyperscan PATTERNS FILE` prints the seconds of the fastest of five passes and
 * how many ends of matches it reported. `benches/engine.rs` runs it; cc -O2 -o hs benches/hyperscan.c -lhs
 * `hyperscan -r PATTERNS FOLDER` passes once over every file below a folder, on one thread: a rival for benches/speed.py. */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    if (!bytes || fread(bytes, 1, *length, file) != *length) { perror(path); exit(2); }
    bytes[*length] = 0;
    fclose(file);
    return bytes;
}

static int count(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *counter) {
    (void)id; (void)from; (void)to; (void)flags;
    ++*(unsigned long long *)counter;
    return 0;
}

static hs_database_t *database;
static hs_scratch_t *scratch;
static unsigned long long matches;

static void compile(char *patterns) {
    const char *list[1024];
    unsigned flags[1024] = {0}, ids[1024], n = 0;
    for (char *line = strtok(patterns, "\n"); line && n < 1024; line = strtok(NULL, "\n")) list[n++] = line;
    for (unsigned i = 0; i < n; i++) ids[i] = i;
    hs_compile_error_t *error = NULL;
    if (hs_compile_multi(list, flags, ids, n, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
        fprintf(stderr, "pattern %d: %s\n", error->expression, error->message);
        exit(1);
    }
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) exit(1);
}

static void scan(const char *bytes, size_t length) {
    if (hs_scan(database, bytes, (unsigned)length, 0, scratch, count, &matches) != HS_SUCCESS) exit(1);
}

static int visit(const char *path, const struct stat *info, int type, struct FTW *at) {
    (void)info; (void)at;
    if (type == FTW_F) {
        size_t length;
        char *bytes = read_file(path, &length);
        scan(bytes, length);
        free(bytes);
    }
    return 0;
}

int main(int argc, char **argv) {
    int folder = argc == 4 && !strcmp(argv[1], "-r");
    if (argc != 3 && !folder) { fprintf(stderr, "usage: %s [-r] PATTERNS FILE|FOLDER\n", argv[0]); return 2; }
    size_t length;
    compile(read_file(argv[argc - 2], &length));
    if (folder) {
        if (nftw(argv[3], visit, 64, FTW_PHYS) != 0) { perror(argv[3]); return 2; }
        printf("%llu\n", matches);
        return 0;
    }
    char *bytes = read_file(argv[2], &length);
    double best = 1e9;
    for (int round = 0; round < 5; round++) {
        struct timespec start, end;
        matches = 0;
        clock_gettime(CLOCK_MONOTONIC, &start);
        scan(bytes, length);
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
        if (seconds < best) best = seconds;
    }
    printf("%.6f %llu\n", best, matches);
    return 0;
}
