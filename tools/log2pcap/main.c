/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ike-log2pcap [-n] LOG [OUT.pcapng] */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/log2pcap/convert.h"

enum {
    EXIT_NOTHING = 1, /* no message in the log */
    EXIT_TROUBLE = 2, /* arguments, files */
};
static const size_t log_max = (size_t)512 * 1024 * 1024; /* bytes */

static const char usage[] =
    "usage: ike-log2pcap [-n] LOG [OUT.pcapng]\n"
    "Makes a capture from the log of an IKE daemon that prints its messages as hex.\n"
    "  LOG  a file, or - for standard input\n"
    "  OUT  the capture (default: LOG.pcapng; - is standard output)\n"
    "  -n   do not include the log, and with it the keys, in the capture\n"
    "Which logs are read and how to get them: docs/log2pcap.md\n";

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "ike-log2pcap: %s: %s\n", what, why);
    return EXIT_TROUBLE;
}

/* Reads the whole log; false with errno set. */
static bool read_log(const char *name, GString *log, int64_t *end)
{
    struct stat status;
    char buffer[65536];
    size_t size;

    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (!file)
        return false;
    *end = g_get_real_time() / G_USEC_PER_SEC;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
        *end = status.st_mtime;
    while ((size = fread(buffer, 1, sizeof buffer, file)) > 0 && log->len <= log_max)
        g_string_append_len(log, buffer, (gssize)size);
    bool valid = !ferror(file);
    if (log->len > log_max) {
        errno = EFBIG;
        valid = false;
    }
    if (file != stdin)
        fclose(file);
    return valid;
}

/* The capture can hold keys: it is for its owner alone. */
static bool write_capture(const char *name, const GByteArray *capture)
{
    if (strcmp(name, "-") == 0)
        return fwrite(capture->data, 1, capture->len, stdout) == capture->len &&
               fflush(stdout) == 0;
    return g_file_set_contents_full(name, (const char *)capture->data, capture->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void report(const char *log, const char *out, const log_conversion *result)
{
    fprintf(stderr, "%s: %u packet%s from %" G_GUINT64_FORMAT " line%s\n", out, result->packets,
            plural(result->packets), result->lines, plural(result->lines));
    if (result->undumped)
        fprintf(stderr,
                "%u message%s mentioned without the bytes (charon logs those of sent messages with "
                "enc = 3)\n",
                result->undumped, plural(result->undumped));
    if (result->truncated)
        fprintf(stderr, "%u message%s incomplete in the log\n", result->truncated,
                plural(result->truncated));
    if (!result->has_times)
        fprintf(stderr, "The log has no times: those of the packets are made up\n");
    if (result->has_secrets)
        fprintf(stderr, "The capture includes the log as its key log, for Wireshark 4.4 and later. "
                        "Earlier versions need the option -o isakmp.keylog_file:LOG\n");
    else if (strcmp(log, "-") != 0)
        fprintf(stderr, "Key log: -o isakmp.keylog_file:%s\n", log);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    bool with_secrets = true;
    int option;

    while ((option = getopt_long(argc, argv, "hn", options, NULL)) != -1) {
        if (option == 'n') {
            with_secrets = false;
            continue;
        }
        fputs(usage, option == 'h' ? stdout : stderr);
        return option == 'h' ? EXIT_SUCCESS : EXIT_TROUBLE;
    }
    if (argc - optind < 1 || argc - optind > 2) {
        fputs(usage, stderr);
        return EXIT_TROUBLE;
    }
    const char *name = argv[optind];
    bool piped = strcmp(name, "-") == 0;
    char *out = argc - optind == 2 ? g_strdup(argv[optind + 1])
                : piped            ? g_strdup("-")
                                   : g_strconcat(name, ".pcapng", NULL);
    GString *log = g_string_new(NULL);
    GByteArray *capture = g_byte_array_new();
    int64_t end;
    int status = EXIT_SUCCESS;

    if (!read_log(name, log, &end)) {
        status = complain(name, g_strerror(errno));
    } else {
        log_conversion result =
            log_convert((ike_text){log->str, log->str + log->len}, end, with_secrets, capture);
        if (result.refused) {
            status = complain(name, result.refused);
        } else if (result.packets == 0) {
            fprintf(stderr,
                    "ike-log2pcap: %s: no message in %" G_GUINT64_FORMAT
                    " lines (%u are mentioned but not dumped as hex); see docs/log2pcap.md for the "
                    "log levels\n",
                    name, result.lines, result.undumped);
            status = EXIT_NOTHING;
        } else if (!write_capture(out, capture)) {
            status = complain(out, g_strerror(errno));
        } else {
            report(name, out, &result);
        }
    }
    memset(log->str, 0, log->len);
    g_string_free(log, TRUE);
    g_byte_array_unref(capture);
    g_free(out);
    return status;
}
