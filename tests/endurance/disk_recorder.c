/* Writes down, in order, what a process does to the files of one folder: loaded before libc (LD_PRELOAD).

   RECORD_FOLDER names the folder, RECORD_LOG the file that takes the records: a head, a name, bytes. A call is written
   down when it has succeeded, under one lock, so that the order in the log is the order in which things happened.
   tests/endurance/disk_log.py reads it. What is mapped into memory (SQLite's -shm) is not seen.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK };
enum { MOST_FILES = 4096, NOT_OURS = 0, A_FILE, THE_FOLDER };

struct head { uint32_t kind, named; uint64_t file, at, size; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char ours[MOST_FILES];
static const char *folder;
static int out = -1;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void)
{
    folder = getenv("RECORD_FOLDER");
    const char *path = getenv("RECORD_LOG");
    if (folder && path)
        out = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
}

static const char *within(const char *path)
{
    size_t length = folder && out >= 0 ? strlen(folder) : 0;
    return length && !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 : NULL;
}

static void note(uint32_t kind, int fd, uint64_t at, const char *name, size_t named, const void *bytes, size_t size)
{
    struct stat status = {0};
    if (fd >= 0 && ours[fd] == A_FILE)
        fstat(fd, &status);
    struct head head = {kind, named, status.st_ino, at, size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)name, named}, {(void *)bytes, size}};
    ssize_t whole = sizeof head + named + size;
    if (syscall(SYS_writev, out, parts, 3) != whole)
        abort();
}

static int is_ours(int fd) { return fd >= 0 && fd < MOST_FILES && ours[fd]; }

static int opened(const char *real, const char *path, int flags, mode_t mode)
{
    int (*open_it)(const char *, int, ...) = next(real);
    const char *name = within(path);
    if (!name && !(folder && !strcmp(path, folder)))
        return open_it(path, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = (flags & O_CREAT) && access(path, F_OK);
    int fd = open_it(path, flags, mode);
    if (fd >= MOST_FILES)
        abort();
    if (fd >= 0) {
        ours[fd] = name ? A_FILE : THE_FOLDER;
        if (name) {
            note(OPEN, fd, is_new, name, strlen(name), NULL, 0);
            if (flags & O_TRUNC)
                note(TRUNCATE, fd, 0, NULL, 0, NULL, 0);
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPENS(name)                                                                                                    \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                                        \
        va_end(more);                                                                                                  \
        return opened(#name, path, flags, mode);                                                                       \
    }
OPENS(open)
OPENS(open64)

int close(int fd)
{
    if (fd >= 0 && fd < MOST_FILES)
        ours[fd] = NOT_OURS;
    return ((int (*)(int))next("close"))(fd);
}

#define WRITES(name, offset)                                                                                           \
    ssize_t name(int fd, const void *bytes, size_t size, offset at)                                                    \
    {                                                                                                                  \
        ssize_t (*write_it)(int, const void *, size_t, offset) = next(#name);                                          \
        if (!is_ours(fd))                                                                                              \
            return write_it(fd, bytes, size, at);                                                                      \
        pthread_mutex_lock(&lock);                                                                                     \
        ssize_t done = write_it(fd, bytes, size, at);                                                                  \
        if (done > 0)                                                                                                  \
            note(WRITE, fd, at, NULL, 0, bytes, done);                                                                 \
        pthread_mutex_unlock(&lock);                                                                                   \
        return done;                                                                                                   \
    }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t size)
{
    ssize_t (*write_it)(int, const void *, size_t) = next("write");
    if (!is_ours(fd))
        return write_it(fd, bytes, size);
    pthread_mutex_lock(&lock);
    ssize_t done = write_it(fd, bytes, size);
    if (done > 0)
        note(WRITE, fd, lseek(fd, 0, SEEK_CUR) - done, NULL, 0, bytes, done);
    pthread_mutex_unlock(&lock);
    return done;
}

#define ON_A_FILE(name, kind, size_type)                                                                               \
    int name(int fd, size_type size)                                                                                   \
    {                                                                                                                  \
        int (*do_it)(int, size_type) = next(#name);                                                                    \
        if (!is_ours(fd))                                                                                              \
            return do_it(fd, size);                                                                                    \
        pthread_mutex_lock(&lock);                                                                                     \
        int done = do_it(fd, size);                                                                                    \
        if (!done)                                                                                                     \
            note(kind, fd, size, NULL, 0, NULL, 0);                                                                    \
        pthread_mutex_unlock(&lock);                                                                                   \
        return done;                                                                                                   \
    }
ON_A_FILE(ftruncate, TRUNCATE, off_t)
ON_A_FILE(ftruncate64, TRUNCATE, off64_t)

#define SYNCS(name)                                                                                                    \
    int name(int fd)                                                                                                   \
    {                                                                                                                  \
        int (*sync_it)(int) = next(#name);                                                                             \
        if (!is_ours(fd))                                                                                              \
            return sync_it(fd);                                                                                        \
        pthread_mutex_lock(&lock);                                                                                     \
        int done = sync_it(fd);                                                                                        \
        if (!done)                                                                                                     \
            note(SYNC, fd, 0, NULL, 0, NULL, 0);                                                                       \
        pthread_mutex_unlock(&lock);                                                                                   \
        return done;                                                                                                   \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int rename(const char *from, const char *to)
{
    int (*rename_it)(const char *, const char *) = next("rename");
    const char *before = within(from), *after = within(to);
    if (!before || !after)
        return rename_it(from, to);
    pthread_mutex_lock(&lock);
    int done = rename_it(from, to);
    if (!done)
        note(RENAME, -1, 0, before, strlen(before), after, strlen(after));
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path)
{
    int (*unlink_it)(const char *) = next("unlink");
    const char *name = within(path);
    if (!name)
        return unlink_it(path);
    pthread_mutex_lock(&lock);
    int done = unlink_it(path);
    if (!done)
        note(UNLINK, -1, 0, name, strlen(name), NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
