// SPDX-License-Identifier: Apache-2.0
// A fuzzer without libFuzzer: every file of a folder, its corpus, once and in order.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_file(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void replay(const char *folder, const char *name) {
    char path[4096];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &about)) {
        perror(path);
        exit(1);
    }
    // Exactly as long as the input, so that a read past its end is one past the allocation's.
    uint8_t *data = malloc(about.st_size ? (size_t)about.st_size : 1);
    size_t size = data ? fread(data, 1, (size_t)about.st_size, file) : 0;
    fclose(file);
    printf("%s, %zu bytes\n", path, size);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv) {
    struct dirent **entries;
    int count = argc == 2 ? scandir(argv[1], &entries, is_file, alphasort) : -1;
    for (int i = 0; i < count; i++) {
        replay(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    if (count > 0)
        free(entries);
    else
        fprintf(stderr, "usage: %s CORPUS, a folder with files\n", argv[0]);
    return count > 0 ? 0 : 1;
}
