/* Stands between a process and libc (LD_PRELOAD): counts the calls that change files below one folder, writes them down,
   and lets one of them, or all from one on, fail, or the process die there. SQLite's own calls are among them.

   faulty_arm(root, log, number, mode, error): from here on calls are counted from 1. number 0 only counts.
     mode 'o'  the call fails once
     mode 'f'  that call and all later ones that take space fail; a write first stores half of its bytes, as a disk does
               that becomes full
     mode 'r'  that call and all later ones fail, as on a file system that has become read-only
     mode 'd'  the process dies before the call
     mode 't'  the process dies after half of the bytes of a write; else after the call, before anything else
   faulty_disarm(): nothing is counted or fails any more; gives the number of calls so far. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1, number, error_number, mode;
static volatile int armed;
static int count;

int faulty_arm(const char *folder, const char *log, int n, int how, int error)
{
    if (!realpath(folder, root))
        return -1;
    root_length = strlen(root);
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    number = n, mode = how, error_number = error, count = 0;
    armed = 1;
    return 0;
}

int faulty_disarm(void)
{
    if (armed) {
        armed = 0;
        syscall(SYS_close, log_file);
    }
    return count;
}

static int below_root(const char *path)
{
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int absolute(int folder, const char *path, char *out)
{
    char link[64], base[PATH_MAX];
    ssize_t n;
    if (!path)
        return 0;
    if (path[0] == '/')
        return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX && below_root(out);
    if (folder == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    n = readlink(link, base, sizeof base - 1);
    if (n < 0)
        return 0;
    base[n] = 0;
    return snprintf(out, PATH_MAX, "%s/%s", base, path) < PATH_MAX && below_root(out);
}

static int of_handle(int handle, char *out)
{
    char link[64];
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    n = readlink(link, out, PATH_MAX - 1);
    if (n < 0)
        return 0;
    out[n] = 0;
    return below_root(out);
}

enum { GO, FAIL, HALF, HALF_THEN_DIE, THEN_DIE };

static void die(void) { syscall(SYS_exit_group, 137); }

/* What happens to this call, which is written down; takes_space says whether a full disk refuses it. */
static int verdict(const char *call, const char *path, const char *to, int takes_space, int is_write)
{
    char line[3 * PATH_MAX];
    int n = __sync_add_and_fetch(&count, 1), length;
    length = snprintf(line, sizeof line, "%s\t%s\t%s\n", call, path, to ? to : "");
    if (length > 0)
        syscall(SYS_write, log_file, line, (size_t)length);
    if (!number || n < number)
        return GO;
    switch (mode) {
    case 'o': return n == number ? FAIL : GO;
    case 'f': return !takes_space ? GO : n == number && is_write ? HALF : FAIL;
    case 'r': return FAIL;
    case 'd': if (n == number) die(); return GO;
    case 't': return n > number ? GO : is_write ? HALF_THEN_DIE : THEN_DIE;
    }
    return GO;
}

#define FAILED do { errno = error_number; return -1; } while (0)
#define AFTER(what, value) do { if ((what) == THEN_DIE) die(); return (value); } while (0)

static int opened(int folder, const char *path, int flags, mode_t rights)
{
    char full[PATH_MAX];
    int what = GO, handle;
    if (armed && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT)) && absolute(folder, path, full)
        && (what = verdict("open", full, 0, (flags & O_CREAT) != 0, 0)) == FAIL)
        FAILED;
    handle = (int)syscall(SYS_openat, folder, path, flags, rights);
    AFTER(what, handle);
}

#define RIGHTS(flags) mode_t rights = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); rights = va_arg(list, mode_t); va_end(list); }
int open(const char *path, int flags, ...) { RIGHTS(flags) return opened(AT_FDCWD, path, flags, rights); }
int open64(const char *path, int flags, ...) { RIGHTS(flags) return opened(AT_FDCWD, path, flags, rights); }
int openat(int folder, const char *path, int flags, ...) { RIGHTS(flags) return opened(folder, path, flags, rights); }
int openat64(int folder, const char *path, int flags, ...) { RIGHTS(flags) return opened(folder, path, flags, rights); }
int creat(const char *path, mode_t rights) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, rights); }
int creat64(const char *path, mode_t rights) { return creat(path, rights); }

static ssize_t written(int handle, const void *bytes, size_t size, off_t at, int placed)
{
    char full[PATH_MAX];
    int what = GO;
    ssize_t n;
    if (armed && of_handle(handle, full))
        what = verdict("write", full, 0, 1, 1);
    if (what == FAIL || (what == HALF && size < 2))
        FAILED;
    if (what == HALF || what == HALF_THEN_DIE)
        size /= 2;
    n = placed ? syscall(SYS_pwrite64, handle, bytes, size, at) : syscall(SYS_write, handle, bytes, size);
    if (what == HALF_THEN_DIE)
        die();
    return n;
}

ssize_t write(int handle, const void *bytes, size_t size) { return written(handle, bytes, size, 0, 0); }
ssize_t pwrite(int handle, const void *bytes, size_t size, off_t at) { return written(handle, bytes, size, at, 1); }
ssize_t pwrite64(int handle, const void *bytes, size_t size, off64_t at) { return written(handle, bytes, size, at, 1); }

ssize_t writev(int handle, const struct iovec *parts, int n)
{
    char full[PATH_MAX];
    if (armed && n > 0 && of_handle(handle, full))
        return written(handle, parts[0].iov_base, parts[0].iov_len, 0, 0);
    return syscall(SYS_writev, handle, parts, n);
}

/* Copies in the kernel are refused, so that what copies takes read and write. */
ssize_t sendfile(int out, int in, off_t *at, size_t size) { if (armed) { errno = EINVAL; return -1; } return syscall(SYS_sendfile, out, in, at, size); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) { return sendfile(out, in, at, size); }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) { if (armed) { errno = EXDEV; return -1; } return syscall(SYS_copy_file_range, in, from, out, to, size, flags); }

#define ON_HANDLE(name, arguments, handle, space, system_call) \
    int name arguments \
    { \
        char full[PATH_MAX]; \
        int what = GO, result; \
        if (armed && of_handle(handle, full) && (what = verdict(#name, full, 0, space, 0)) == FAIL) \
            FAILED; \
        result = (int)(system_call); \
        AFTER(what, result); \
    }
ON_HANDLE(fsync, (int handle), handle, 1, syscall(SYS_fsync, handle))
ON_HANDLE(fdatasync, (int handle), handle, 1, syscall(SYS_fdatasync, handle))
ON_HANDLE(ftruncate, (int handle, off_t size), handle, 0, syscall(SYS_ftruncate, handle, size))
ON_HANDLE(ftruncate64, (int handle, off64_t size), handle, 0, syscall(SYS_ftruncate, handle, size))
ON_HANDLE(fchmod, (int handle, mode_t rights), handle, 0, syscall(SYS_fchmod, handle, rights))

#define ON_PATH(name, arguments, folder, path, space, system_call) \
    int name arguments \
    { \
        char full[PATH_MAX]; \
        int what = GO, result; \
        if (armed && absolute(folder, path, full) && (what = verdict(#name, full, 0, space, 0)) == FAIL) \
            FAILED; \
        result = (int)(system_call); \
        AFTER(what, result); \
    }
ON_PATH(truncate, (const char *path, off_t size), AT_FDCWD, path, 0, syscall(SYS_truncate, path, size))
ON_PATH(truncate64, (const char *path, off64_t size), AT_FDCWD, path, 0, syscall(SYS_truncate, path, size))
ON_PATH(unlink, (const char *path), AT_FDCWD, path, 0, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
ON_PATH(unlinkat, (int folder, const char *path, int flags), folder, path, 0, syscall(SYS_unlinkat, folder, path, flags))
ON_PATH(rmdir, (const char *path), AT_FDCWD, path, 0, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
ON_PATH(mkdir, (const char *path, mode_t rights), AT_FDCWD, path, 1, syscall(SYS_mkdirat, AT_FDCWD, path, rights))
ON_PATH(mkdirat, (int folder, const char *path, mode_t rights), folder, path, 1, syscall(SYS_mkdirat, folder, path, rights))
ON_PATH(chmod, (const char *path, mode_t rights), AT_FDCWD, path, 0, syscall(SYS_fchmodat, AT_FDCWD, path, rights))
ON_PATH(fchmodat, (int folder, const char *path, mode_t rights, int flags), folder, path, 0, syscall(SYS_fchmodat, folder, path, rights))
ON_PATH(utimensat, (int folder, const char *path, const struct timespec times[2], int flags), folder, path, 0, syscall(SYS_utimensat, folder, path, times, flags))

static int moved(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    char full[PATH_MAX], target[PATH_MAX];
    int what = GO, result;
    if (armed && (absolute(from_folder, from, full) | absolute(to_folder, to, target))
        && (what = verdict(flags ? "exchange" : "rename", full, target, 1, 0)) == FAIL)
        FAILED;
    result = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    AFTER(what, result);
}

int rename(const char *from, const char *to) { return moved(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int f, const char *from, int t, const char *to) { return moved(f, from, t, to, 0); }
int renameat2(int f, const char *from, int t, const char *to, unsigned flags) { return moved(f, from, t, to, flags); }
