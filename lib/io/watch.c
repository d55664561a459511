#include "io/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#define IDLE_MS 1000	/* looks where all is quiet and the system tells of changes */
#define NO_SIGNS_MS 100 /* and where it does not */
#define BURST_FIRST 200 /* looks of a burst, a millisecond apart; then each wait is longer */
#define BURST_LAST 260

#define TWICE_MS 500 /* one who sends to a program and to its group is heard twice */

static volatile sig_atomic_t stopping;
static struct timespec asked;  /* when */
static int wake[2] = {-1, -1}; /* so that a signal just before a wait is not slept over */

static void note(int signal_number)
{
	struct timespec now;
	ssize_t n;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!stopping) {
		asked = now;
		stopping = 1;
		n = write(wake[1], "", 1);
		(void)n;
	} else if ((now.tv_sec - asked.tv_sec) * 1000 + (now.tv_nsec - asked.tv_nsec) / 1000000 >
		   TWICE_MS) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
}

void stop_catch(void)
{
	static const int signals[] = {SIGINT, SIGTERM};
	struct sigaction act = {.sa_handler = note}, old;

	for (size_t i = 0; i < 2; i++)
		sigaddset(&act.sa_mask, signals[i]);
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		wake[0] = wake[1] = -1;
	for (size_t i = 0; i < 2; i++)
		/* A shell starts what runs in the background deaf to SIGINT. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
}

bool stop_asked(void)
{
	return stopping;
}

void watch_open(struct watch *w, int reader, bool burst)
{
	struct stat st;

	*w = (struct watch){
		.fd = -1, .reader = reader, .burst = burst, .look = burst ? 0 : BURST_LAST};
	if (reader >= 0 &&
		(fstat(reader, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))))
		w->reader = -1;
#ifdef __linux__
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
#endif
}

void watch_add(struct watch *w, const char *path)
{
#ifdef __linux__
	if (w->fd >= 0)
		inotify_add_watch(
			w->fd, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
#endif
	(void)w;
	(void)path;
}

/* Takes up what the system has told; whether it was anything. */
static bool drain(struct watch *w)
{
	char events[4096];
	bool any = false;

	while (w->fd >= 0 && read(w->fd, events, sizeof(events)) > 0)
		any = true;
	return any;
}

static int64_t pause_ms(const struct watch *w)
{
	if (w->look < BURST_FIRST)
		return 1;
	if (w->look < BURST_LAST)
		return w->look - BURST_FIRST + 1;
	return w->fd < 0 ? NO_SIGNS_MS : IDLE_MS;
}

enum watch_sign watch_wait(struct watch *w, int64_t most)
{
	bool quiet = w->look >= BURST_FIRST;
	/* At the begin of a burst the file's signs are not waited for: each page written would be
	 * one. */
	struct pollfd p[] = {{.fd = wake[0], .events = POLLIN}, {.fd = w->reader, .events = 0},
		{.fd = quiet ? w->fd : -1, .events = POLLIN}};
	int64_t ms = pause_ms(w);

	if (most >= 0 && most < ms)
		ms = most;
	if (!stopping)
		poll(p, 3, (int)ms);
	if (stopping)
		return WATCH_STOP;
	if (p[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return WATCH_GONE;
	if (drain(w))
		w->look = w->burst ? 0 : BURST_LAST;
	else if (w->look < BURST_LAST)
		w->look++;
	return WATCH_LOOK;
}

void watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

bool watch_taken(int fd, bool *gone)
{
	struct pollfd p = {.fd = fd, .events = 0};
	struct stat st;
	int left = 0;

	*gone = false;
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return true;
	if (ioctl(fd, FIONREAD, &left) < 0)
		left = 0;
	if (left == 0)
		return true;
	*gone = poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP));
	return false;
}
