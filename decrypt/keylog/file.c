/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows key log files: reads what was added since the last look, and all of it again when a file
 * shrank or is another one. The preference names one file, several with ';' between, or a folder,
 * whose files are read. */
#include "decrypt/keylog/key_logs.h"

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

#include "decrypt/keylog/keylog.h"
#include "decrypt/log/transcript.h"
#include "decrypt/keylog/trial.h"

#ifndef O_BINARY
#define O_BINARY 0
#endif
#ifndef O_NONBLOCK
#define O_NONBLOCK 0
#endif

enum {
    PIECE = 65536,
    REST_SECONDS = 3, /* a file that was not written to for so long is at rest */
    HEAD = 64,        /* bytes at the beginning, to see that a file was written again */
    FILES_MAX = 256,  /* of a list or a folder */
};

typedef struct {
    ike_keylog *log;
    char *path;
    GStatBuf seen; /* at the last look */
    bool looked;
    gint64 offset;
    char head[HEAD];
    size_t head_length;
    bool unreadable;     /* and said so */
    bool finished;       /* nothing is expected of it */
    bool finished_early; /* while it may still have been written to, or in the middle of a line */
} followed_file;

/* All files of one preference. */
typedef struct {
    char *list;
    GPtrArray *files; /* followed_file */
    GStatBuf folder;
} followed_list;

static void free_file(void *data)
{
    followed_file *file = data;
    ike_keylog_free(file->log);
    g_free(file->path);
    OPENSSL_cleanse(file->head, sizeof file->head);
    g_free(file);
}

static void free_list(void *data)
{
    followed_list *list = data;
    g_ptr_array_free(list->files, TRUE);
    g_free(list->list);
    g_free(list);
}

/* ---- which files ----------------------------------------------------------------------------- */

static void add_file(followed_list *list, ike_keyring *ring, const char *path)
{
    followed_file *file = g_new0(followed_file, 1);
    file->path = g_strdup(path);
    file->log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, path);
    g_ptr_array_add(list->files, file);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of a folder in the order of their names, hidden ones aside. */
static void add_folder(followed_list *list, ike_keyring *ring, const char *path)
{
    GError *error = NULL;
    GDir *dir = g_dir_open(path, 0, &error);
    guint before = list->files->len;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;)
        if (name[0] != '.')
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len && list->files->len < FILES_MAX; i++)
        if (g_file_test(names->pdata[i], G_FILE_TEST_IS_REGULAR))
            add_file(list, ring, names->pdata[i]);
    if (list->files->len == before && before < FILES_MAX) {
        add_file(list, ring, path);
        followed_file *folder = list->files->pdata[before];
        ike_keylog_refuse(folder->log, error != NULL ? "a folder that cannot be read"
                                                     : "a folder without files");
        folder->unreadable = true;
    }
    g_clear_error(&error);
    if (dir != NULL)
        g_dir_close(dir);
    g_ptr_array_free(names, TRUE);
}

static void add_path(followed_list *list, ike_keyring *ring, const char *path)
{
    if (*path != '\0' && g_file_test(path, G_FILE_TEST_IS_DIR))
        add_folder(list, ring, path);
    if (*path != '\0' && list->files->len < FILES_MAX && !g_file_test(path, G_FILE_TEST_IS_DIR))
        add_file(list, ring, path);
}

static bool has_twin(const followed_list *list, guint which, const char *base)
{
    for (guint i = 0; i < list->files->len; i++) {
        const followed_file *other = list->files->pdata[i];
        gchar *name = g_path_get_basename(other->path);
        bool same = i != which && strcmp(name, base) == 0;
        g_free(name);
        if (same)
            return true;
    }
    return false;
}

/* The name without folders, unless two files have the same. */
static void set_labels(const followed_list *list)
{
    for (guint i = 0; i < list->files->len; i++) {
        const followed_file *file = list->files->pdata[i];
        gchar *base = g_path_get_basename(file->path);
        if (!has_twin(list, i, base))
            ike_keylog_set_label(file->log, base);
        g_free(base);
    }
}

static followed_list *begin(ike_keyring *ring, const char *paths)
{
    followed_list *list = g_new0(followed_list, 1);
    list->list = g_strdup(paths);
    list->files = g_ptr_array_new_with_free_func(free_file);
    if (g_file_test(paths, G_FILE_TEST_EXISTS) || strchr(paths, ';') == NULL) {
        add_path(list, ring, paths);
        (void)g_stat(paths, &list->folder);
    } else {
        gchar **each = g_strsplit(paths, ";", FILES_MAX);
        for (gchar **path = each; *path != NULL; path++)
            add_path(list, ring, g_strstrip(*path));
        g_strfreev(each);
    }
    set_labels(list);
    ike_keyring_set_reader(ring, IKE_SOURCE_KEYLOG, list, free_list);
    return list;
}

/* What one file gave cannot be taken back alone: all are read again. */
static followed_list *begin_again(ike_keyring *ring, const char *paths)
{
    gchar *copy = g_strdup(paths); /* it may be the old list's */
    ike_keyring_clear(ring, IKE_SOURCE_KEYLOG);
    followed_list *list = begin(ring, copy);
    g_free(copy);
    return list;
}

static bool folder_changed(const followed_list *list)
{
    GStatBuf now;
    return S_ISDIR(list->folder.st_mode) && g_stat(list->list, &now) == 0 &&
           now.st_mtime != list->folder.st_mtime;
}

/* ---- one file -------------------------------------------------------------------------------- */

static bool unreadable(followed_file *file, const char *why)
{
    if (!file->unreadable)
        ike_keylog_refuse(file->log, why);
    file->unreadable = true;
    return false;
}

static bool changed(const followed_file *file, const GStatBuf *now)
{
    return !file->looked || file->seen.st_mtime != now->st_mtime ||
           file->seen.st_size != now->st_size || file->seen.st_ino != now->st_ino ||
           file->seen.st_dev != now->st_dev;
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

/* Whether what was read is not the beginning of the file any more, or was ended too early. */
static bool must_be_read_again(followed_file *file, int fd, const GStatBuf *now)
{
    if (file->offset == 0)
        return false;
    return now->st_size < file->offset || file->seen.st_ino != now->st_ino ||
           file->seen.st_dev != now->st_dev || file->finished_early || !same_head(file, fd);
}

/* The beginning of a file, `most` bytes of it; the caller wipes and frees it. */
static char *read_beginning(int fd, gint64 most, size_t *length)
{
    char *text = g_malloc((gsize)most + 1);
    gssize got = 0;
    *length = 0;
    if (lseek(fd, 0, SEEK_SET) == 0)
        while (*length < (size_t)most &&
               (got = read(fd, text + *length, (size_t)most - *length)) > 0)
            *length += (size_t)got;
    return text;
}

static void remember_head(followed_file *file, const char *text, size_t length)
{
    size_t more = MIN(length, HEAD - file->head_length);
    memcpy(file->head + file->head_length, text, more);
    file->head_length += more;
}

/* All of it after the steps that make more of it readable. */
static void read_transcript(followed_file *file, int fd, gint64 size, unsigned steps)
{
    size_t length;
    char *text = read_beginning(fd, size, &length);
    ike_transcript *after = ike_transcript_after((ike_text){text, text + length}, steps);
    remember_head(file, text, length);
    ike_keylog_set_line_numbers(file->log, (unsigned *)(void *)after->lines->data,
                                after->lines->len);
    ike_keylog_feed(file->log, after->text->str, after->text->len);
    file->offset = (gint64)length;
    ike_transcript_free(after);
    OPENSSL_cleanse(text, length);
    g_free(text);
}

/* At the first look a log of usual size is read for trial: it may be copied from a terminal, quoted
 * in a mail, or have its newest line first. */
static void look_for_steps(followed_file *file, int fd, gint64 size)
{
    enum { TRIAL_MAX = 1 << 20, SIZE_MAX_READ = 1 << 28 };
    size_t length;
    if (size > SIZE_MAX_READ)
        return;
    char *text = read_beginning(fd, MIN(size, TRIAL_MAX), &length);
    unsigned steps = ike_transcript_find_steps((ike_text){text, text + length}, ike_keylog_try);
    if (steps != 0)
        read_transcript(file, fd, size, steps);
    OPENSSL_cleanse(text, length);
    g_free(text);
}

/* `size`: the size of a file that is looked at for the first time, else 0. */
static bool read_on(followed_file *file, int fd, gint64 size)
{
    if (size > 0)
        look_for_steps(file, fd, size);
    char *piece = g_malloc(PIECE);
    gssize got = 0;
    if (lseek(fd, (off_t)file->offset, SEEK_SET) >= 0) {
        while (!ike_keylog_refused(file->log) && (got = read(fd, piece, PIECE)) > 0) {
            if (file->head_length < HEAD && file->offset == (gint64)file->head_length)
                remember_head(file, piece, (size_t)got);
            ike_keylog_feed(file->log, piece, (size_t)got);
            file->offset += got;
        }
    }
    ike_keylog_pause(file->log);
    OPENSSL_cleanse(piece, PIECE);
    g_free(piece);
    return got >= 0;
}

/* At the first look the file is most likely all there is: a last line without newline is a line and
 * a dump without end is used or warned of. If it grows all the same it is read again. */
static void rest(followed_file *file, bool first_look)
{
    bool resting = time(NULL) - (time_t)file->seen.st_mtime >= REST_SECONDS;
    if (file->finished || (!first_look && !resting))
        return;
    ike_keylog_rest(file->log);
    ike_keylog_finish(file->log);
    ike_keylog_warn_if_empty(file->log);
    file->finished = true;
    file->finished_early = (first_look && !resting) || ike_keylog_has_open_line(file->log);
}

typedef enum { LOOK_GOOD, LOOK_BAD, LOOK_AGAIN } look_result;

/* Reads what is new. Opened without waiting: a FIFO has no end, and a device may have none. */
static look_result read_new(followed_file *file, bool may_finish_early)
{
    GStatBuf now;
    int fd = g_open(file->path, O_RDONLY | O_BINARY | O_NONBLOCK, 0);
    if (fd < 0)
        return unreadable(file, g_strerror(errno)) ? LOOK_GOOD : LOOK_BAD;
    look_result result = LOOK_BAD;
    bool first_look = file->offset == 0;
    if (fstat(fd, &now) != 0) {
        (void)unreadable(file, g_strerror(errno));
    } else if (!S_ISREG(now.st_mode)) {
        (void)unreadable(file,
                         S_ISDIR(now.st_mode) ? "a folder, not a file" : "not a regular file");
    } else if (must_be_read_again(file, fd, &now)) {
        result = LOOK_AGAIN;
    } else if (!read_on(file, fd, first_look ? now.st_size : 0)) {
        (void)unreadable(file, g_strerror(errno));
    } else {
        file->seen = now;
        file->looked = true;
        file->unreadable = file->finished = false;
        rest(file, first_look && may_finish_early);
        result = LOOK_GOOD;
    }
    (void)close(fd);
    return result;
}

static look_result look(followed_file *file, bool may_finish_early)
{
    GStatBuf now;
    if (g_stat(file->path, &now) != 0) {
        (void)unreadable(file, g_strerror(errno));
        return LOOK_BAD;
    }
    if (changed(file, &now))
        return read_new(file, may_finish_early);
    if (file->offset > 0)
        rest(file, false);
    return file->unreadable ? LOOK_BAD : LOOK_GOOD;
}

/* ---- all files ------------------------------------------------------------------------------- */

static look_result look_at_all(followed_list *list, bool may_finish_early)
{
    look_result worst = LOOK_GOOD;
    for (guint i = 0; i < list->files->len; i++) {
        look_result result = look(list->files->pdata[i], may_finish_early);
        if (result == LOOK_AGAIN)
            return result;
        worst = MAX(worst, result);
    }
    return list->files->len > 0 ? worst : LOOK_BAD;
}

void ike_keyring_each_key_log(const ike_keyring *ring, ike_key_log_use *use, void *user)
{
    const followed_list *list = ike_keyring_reader(ring, IKE_SOURCE_KEYLOG);
    for (guint i = 0; list != NULL && i < list->files->len; i++)
        use(user, ike_keylog_counts(((followed_file *)list->files->pdata[i])->log));
    ike_keylog *block = ike_keyring_reader(ring, IKE_SOURCE_CAPTURE);
    if (block != NULL)
        use(user, ike_keylog_counts(block));
}

bool ike_keyring_follow_file(ike_keyring *ring, const char *path)
{
    followed_list *list = ike_keyring_reader(ring, IKE_SOURCE_KEYLOG);
    if (list == NULL)
        list = begin(ring, path);
    else if (strcmp(list->list, path) != 0 || folder_changed(list))
        list = begin_again(ring, path);
    look_result result = look_at_all(list, true);
    if (result == LOOK_AGAIN)
        result = look_at_all(begin_again(ring, path), false);
    return result == LOOK_GOOD;
}
