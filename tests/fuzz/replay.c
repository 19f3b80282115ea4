/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds files, and those in folders, to a fuzz target without libFuzzer: what once was found stays
 * tested with any compiler. */
#include <stdio.h>
#include <stdlib.h>

#include <glib.h>

#include "fuzz.h"

int __attribute__((weak)) LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static unsigned feed(const char *path)
{
    GDir *folder = g_dir_open(path, 0, NULL);
    unsigned count = 0;

    if (folder) {
        const char *name;
        while ((name = g_dir_read_name(folder))) {
            char *inner = g_build_filename(path, name, NULL);
            count += feed(inner);
            g_free(inner);
        }
        g_dir_close(folder);
        return count;
    }
    gchar *data;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    uint8_t *exact = size ? g_memdup2(data, size) : NULL;
    LLVMFuzzerTestOneInput(exact, size);
    g_free(exact);
    g_free(data);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        count += feed(argv[i]);
    printf("%u inputs\n", count);
    return count ? 0 : 2;
}
