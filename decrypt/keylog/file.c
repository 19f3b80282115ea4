/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the key log file: reads what was added since the last look, and all of it anew when the
 * file shrank or is another one. */
#include "decrypt/keylog/keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

#ifndef O_BINARY
#define O_BINARY 0
#endif

enum {
    PIECE = 65536,
    REST_SECONDS = 3, /* a file that was not written to for so long is at rest */
    HEAD = 64,        /* bytes at the beginning, to see that a file was written anew */
};

typedef struct {
    ike_keylog *log;
    char *path;
    GStatBuf seen; /* at the last look */
    gint64 offset;
    char head[HEAD];
    size_t head_length;
    bool warned, known_keys;
} followed_file;

static void free_followed(void *data)
{
    followed_file *file = data;
    ike_keylog_free(file->log);
    g_free(file->path);
    OPENSSL_cleanse(file->head, sizeof file->head);
    g_free(file);
}

/* The follower of a path; another path, or a file written anew, begins a new one. */
static followed_file *begin(ike_keyring *ring, const char *path)
{
    followed_file *file = g_new0(followed_file, 1);
    file->path = g_strdup(path);
    file->log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, path);
    ike_keyring_set_reader(ring, IKE_SOURCE_KEYLOG, file, free_followed);
    return file;
}

static followed_file *anew(ike_keyring *ring, const char *path)
{
    gchar *copy = g_strdup(path); /* path may be the old follower's */
    ike_keyring_clear(ring, IKE_SOURCE_KEYLOG);
    followed_file *file = begin(ring, copy);
    g_free(copy);
    return file;
}

static bool unreadable(followed_file *file, const char *why)
{
    if (!file->warned)
        ike_keylog_warn(file->log, 0, why);
    file->warned = true;
    return false;
}

static bool same_head(followed_file *file, int fd)
{
    char head[HEAD];
    if (file->head_length == 0)
        return true;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return true;
    gssize got = read(fd, head, file->head_length);
    return got == (gssize)file->head_length && memcmp(head, file->head, file->head_length) == 0;
}

static bool read_on(followed_file *file, int fd)
{
    char *piece = g_malloc(PIECE);
    gssize got = 0;
    if (lseek(fd, (off_t)file->offset, SEEK_SET) >= 0) {
        while (!ike_keylog_refused(file->log) && (got = read(fd, piece, PIECE)) > 0) {
            if (file->head_length < HEAD && file->offset == (gint64)file->head_length) {
                size_t more = MIN((size_t)got, HEAD - file->head_length);
                memcpy(file->head + file->head_length, piece, more);
                file->head_length += more;
            }
            ike_keylog_feed(file->log, piece, (size_t)got);
            file->offset += got;
        }
    }
    OPENSSL_cleanse(piece, PIECE);
    g_free(piece);
    return got >= 0;
}

/* Nobody writes any more: a last line without newline is a line, a dump without end is cut. */
static void rest(followed_file *file, bool first_look)
{
    bool resting = time(NULL) - (time_t)file->seen.st_mtime >= REST_SECONDS;
    if (first_look || resting)
        ike_keylog_rest(file->log);
    if (!file->known_keys && resting) {
        ike_keylog_finish(file->log);
        file->known_keys = true;
    }
}

static bool changed(const followed_file *file, const GStatBuf *now)
{
    return file->seen.st_mtime != now->st_mtime || file->seen.st_size != now->st_size ||
           file->seen.st_ino != now->st_ino || file->seen.st_dev != now->st_dev;
}

static bool replaced(const followed_file *file, const GStatBuf *now)
{
    return now->st_size < (gint64)file->offset ||
           (file->offset > 0 &&
            (file->seen.st_ino != now->st_ino || file->seen.st_dev != now->st_dev));
}

bool ike_keyring_follow_file(ike_keyring *ring, const char *path)
{
    GStatBuf now;
    followed_file *file = ike_keyring_reader(ring, IKE_SOURCE_KEYLOG);
    if (file == NULL)
        file = begin(ring, path);
    else if (strcmp(file->path, path) != 0)
        file = anew(ring, path);
    if (g_stat(path, &now) != 0)
        return unreadable(file, "the key log file cannot be read");
    if (!changed(file, &now)) {
        if (!file->known_keys && file->offset > 0)
            rest(file, false);
        return !file->warned;
    }
    if (!S_ISREG(now.st_mode))
        return unreadable(file, "the key log file is not a regular file");
    int fd = g_open(path, O_RDONLY | O_BINARY, 0);
    if (fd < 0)
        return unreadable(file, "the key log file cannot be read");
    if (replaced(file, &now) || !same_head(file, fd))
        file = anew(ring, path);
    bool first_look = file->offset == 0;
    bool good = read_on(file, fd);
    (void)close(fd);
    if (!good)
        return unreadable(file, "the key log file cannot be read");
    file->seen = now;
    file->warned = file->known_keys = false;
    rest(file, first_look);
    return true;
}
