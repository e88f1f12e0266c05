/* Hyperscan in block mode on one file: `hyperscan PATTERNS FILE` prints the seconds of the fastest of five passes and
 * how many ends of matches it reported. `benches/engine.rs` runs it; cc -O2 -o hs benches/hyperscan.c -lhs */
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

int main(int argc, char **argv) {
    if (argc != 3) { fprintf(stderr, "usage: %s PATTERNS FILE\n", argv[0]); return 2; }
    size_t length;
    char *patterns = read_file(argv[1], &length);
    const char *list[1024];
    unsigned n = 0;
    for (char *line = strtok(patterns, "\n"); line && n < 1024; line = strtok(NULL, "\n")) list[n++] = line;
    unsigned flags[1024] = {0}, ids[1024];
    for (unsigned i = 0; i < n; i++) ids[i] = i;
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    hs_scratch_t *scratch = NULL;
    if (hs_compile_multi(list, flags, ids, n, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
        fprintf(stderr, "pattern %d: %s\n", error->expression, error->message);
        return 1;
    }
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) return 1;
    char *bytes = read_file(argv[2], &length);
    double best = 1e9;
    unsigned long long matches = 0;
    for (int round = 0; round < 5; round++) {
        struct timespec start, end;
        matches = 0;
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (hs_scan(database, bytes, (unsigned)length, 0, scratch, count, &matches) != HS_SUCCESS) return 1;
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
        if (seconds < best) best = seconds;
    }
    printf("%.6f %llu\n", best, matches);
    return 0;
}
