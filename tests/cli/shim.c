/* A file system that refuses: errno from SHIM_FLOCK, SHIM_CHMOD, SHIM_DIRSYNC (fsync of folders only), SHIM_LINK. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static int refused(const char *name)
{
    const char *value = getenv(name);
    errno = value ? atoi(value) : 0;
    return errno ? -1 : 0;
}

int flock(int fd, int how)
{
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    return refused("SHIM_FLOCK") ? -1 : real(fd, how);
}

int chmod(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
    return refused("SHIM_CHMOD") ? -1 : real(path, mode);
}

int fchmod(int fd, mode_t mode)
{
    int (*real)(int, mode_t) = dlsym(RTLD_NEXT, "fchmod");
    return refused("SHIM_CHMOD") ? -1 : real(fd, mode);
}

/* Where modes cannot be changed they are the same for all files, and everybody may read them. */
#define SHARED(name, place, about_type)                                                \
    int name(place where, about_type *about)                                           \
    {                                                                                  \
        int (*real)(place, about_type *) = dlsym(RTLD_NEXT, #name);                    \
        int done = real(where, about);                                                 \
        if (done == 0 && getenv("SHIM_CHMOD"))                                         \
            about->st_mode |= 0055;                                                    \
        return done;                                                                   \
    }

SHARED(stat, const char *, struct stat)
SHARED(fstat, int, struct stat)
SHARED(stat64, const char *, struct stat64)
SHARED(fstat64, int, struct stat64)

int fsync(int fd)
{
    struct stat about;
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode) && refused("SHIM_DIRSYNC"))
        return -1;
    return real(fd);
}

int link(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
    return refused("SHIM_LINK") ? -1 : real(from, to);
}
