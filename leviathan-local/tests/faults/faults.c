/* faults.so: makes a write or a sync of some files fail, or kills the process in the middle of one.
 *
 *   cc -shared -fPIC -O2 -o faults.so faults.c -ldl
 *   LD_PRELOAD=./faults.so LEVIATHAN_FAULTS_EXE=scheduler LEVIATHAN_FAULTS_KILL_WRITE=7 ./scheduler
 *
 * It acts on files whose path, as /proc/self/fd names it, ends in LEVIATHAN_FAULTS_SUFFIX (default ".ndjson": the
 * segments of an event log). Writes are write, pwrite and pwrite64; syncs are fsync and fdatasync. Each kind is counted
 * from 1 over all such files together. An append to the log is one write and one sync. Opening a log that holds events
 * is one write and one sync too, since its last batch is written over itself, and a sync before that if a torn end is
 * cut off; opening an empty log is none.
 *
 * Exactly one of these says what happens, and when:
 *
 *   LEVIATHAN_FAULTS_WRITE_ENOSPC=N      the Nth write takes half of its bytes, the next one fails with ENOSPC
 *   LEVIATHAN_FAULTS_SYNC_EIO=N          the Nth sync syncs nothing and fails with EIO
 *   LEVIATHAN_FAULTS_KILL_WRITE=N        SIGKILL when half of the Nth write is written
 *   LEVIATHAN_FAULTS_KILL_BEFORE_SYNC=N  SIGKILL instead of the Nth sync
 *   LEVIATHAN_FAULTS_KILL_AFTER_SYNC=N   SIGKILL after the Nth sync, before it returns
 *
 * Without any of them nothing is changed. With LEVIATHAN_FAULTS_EXE only a process acts whose /proc/self/exe has that
 * file name; the others leave all variables to their children. A process that acts takes them and LD_PRELOAD out of its
 * environment first, so that its own children run undisturbed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long write_enospc, sync_eio, kill_write, kill_before_sync, kill_after_sync;
static char suffix[256] = ".ndjson";
static atomic_long writes, syncs;

static long take(const char *name) {
  const char *value = getenv(name);
  return value ? atol(value) : 0;
}

static int is_meant(void) {
  const char *wanted = getenv("LEVIATHAN_FAULTS_EXE");
  char exe[4096];
  ssize_t length;
  if (!wanted || !*wanted) return 1;
  length = readlink("/proc/self/exe", exe, sizeof exe - 1);
  if (length < 0) return 0;
  exe[length] = 0;
  const char *name = strrchr(exe, '/');
  return strcmp(name ? name + 1 : exe, wanted) == 0;
}

__attribute__((constructor)) static void start(void) {
  static const char *const names[] = {
      "LEVIATHAN_FAULTS_WRITE_ENOSPC",     "LEVIATHAN_FAULTS_SYNC_EIO",        "LEVIATHAN_FAULTS_KILL_WRITE",
      "LEVIATHAN_FAULTS_KILL_BEFORE_SYNC", "LEVIATHAN_FAULTS_KILL_AFTER_SYNC", "LEVIATHAN_FAULTS_EXE",
      "LEVIATHAN_FAULTS_SUFFIX",           "LD_PRELOAD"};
  if (!is_meant()) return;
  write_enospc = take(names[0]);
  sync_eio = take(names[1]);
  kill_write = take(names[2]);
  kill_before_sync = take(names[3]);
  kill_after_sync = take(names[4]);
  if (!write_enospc && !sync_eio && !kill_write && !kill_before_sync && !kill_after_sync) return;
  if (getenv(names[6])) snprintf(suffix, sizeof suffix, "%s", getenv(names[6]));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unsetenv(names[i]);
}

/* Whether fd is one of the files to disturb, in a process that is to be disturbed. */
static int concerns(int fd) {
  char link[64], path[4096];
  if (!write_enospc && !sync_eio && !kill_write && !kill_before_sync && !kill_after_sync) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int before = errno;
  ssize_t length = readlink(link, path, sizeof path);
  errno = before;
  size_t tail = strlen(suffix);
  return length >= (ssize_t)tail && memcmp(path + length - tail, suffix, tail) == 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What becomes of a write of so many bytes: how many of them are to be written, or -1 for none and ENOSPC. */
static ssize_t disturb_write(int fd, size_t count, int *deadly) {
  *deadly = 0;
  if (!concerns(fd)) return (ssize_t)count;
  long nth = atomic_fetch_add(&writes, 1) + 1;
  if (nth == kill_write) *deadly = 1;
  if (nth == kill_write || nth == write_enospc) return (ssize_t)(count / 2);
  if (write_enospc && nth == write_enospc + 1) {
    errno = ENOSPC;
    return -1;
  }
  return (ssize_t)count;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  int deadly;
  ssize_t take_in = disturb_write(fd, count, &deadly);
  if (take_in < 0) return -1;
  ssize_t written = real(fd, bytes, (size_t)take_in);
  if (deadly) die();
  return written;
}

static ssize_t disturbed_pwrite(const char *name, int fd, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) =
      (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, name);
  int deadly;
  ssize_t take_in = disturb_write(fd, count, &deadly);
  if (take_in < 0) return -1;
  ssize_t written = real(fd, bytes, (size_t)take_in, offset);
  if (deadly) die();
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return disturbed_pwrite("pwrite64", fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  /* The same function where file offsets have 64 bits. */
  return disturbed_pwrite("pwrite64", fd, bytes, count, offset);
}

static int disturbed_sync(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (!concerns(fd)) return real(fd);
  long nth = atomic_fetch_add(&syncs, 1) + 1;
  if (nth == kill_before_sync) die();
  if (nth == sync_eio) {
    errno = EIO;
    return -1;
  }
  int outcome = real(fd);
  if (nth == kill_after_sync) die();
  return outcome;
}

int fsync(int fd) { return disturbed_sync("fsync", fd); }

int fdatasync(int fd) { return disturbed_sync("fdatasync", fd); }
