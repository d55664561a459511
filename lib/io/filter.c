#include "io/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REAP_STEP 5 /* ms between looks whether it has ended */

struct run {
	pid_t pid;
	int in, out; /* to and from it; -1: closed */
	struct str input;
	size_t most;
	int64_t until;
	struct buf *taken;
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child; what it may call between fork and exec is async-signal-safe. */
static _Noreturn void become(const char *command, int in, int out)
{
	sigset_t none;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int start(struct run *r, const char *command, struct buf *err)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0)
		goto failed;
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		goto failed;
	}
	r->pid = fork();
	if (r->pid == 0)
		become(command, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	r->in = to[1];
	r->out = from[0];
	if (r->pid < 0)
		goto failed;
	/* Whoever of the two comes first: it is in its group before it can be killed with it. */
	setpgid(r->pid, r->pid);
	fcntl(r->in, F_SETFL, O_NONBLOCK);
	fcntl(r->out, F_SETFL, O_NONBLOCK);
	return 0;
failed:
	buf_printf(err, "cannot be started: %s", strerror(errno));
	return -1;
}

static void give(struct run *r)
{
	ssize_t n = write(r->in, r->input.s, r->input.len);

	if (n > 0)
		r->input = (struct str){r->input.s + n, r->input.len - (size_t)n};
	/* One that has read enough may close its stdin. */
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || !r->input.len)
		shut(&r->in);
}

static void take(struct run *r)
{
	char piece[4096];
	ssize_t n = read(r->out, piece, sizeof(piece));
	size_t room = r->most - (r->taken->len < r->most ? r->taken->len : r->most);

	if (n > 0)
		buf_add(r->taken, piece, (size_t)n < room ? (size_t)n : room);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(&r->out);
}

/* Until its output ends, or the time. */
static bool talk(struct run *r)
{
	while (r->out >= 0) {
		struct pollfd p[] = {{r->out, POLLIN, 0}, {r->in, POLLOUT, 0}};
		int64_t left = r->until - clock_ms();

		if (left <= 0)
			return false;
		if (poll(p, r->in >= 0 ? 2 : 1, left > 1000 ? 1000 : (int)left) <= 0)
			continue;
		if (r->in >= 0 && p[1].revents)
			give(r);
		if (p[0].revents)
			take(r);
	}
	return true;
}

/* Whether it ended within the time, and how. */
static bool reap(struct run *r, int *how)
{
	const struct timespec step = {0, REAP_STEP * 1000000L};
	pid_t got;

	while ((got = waitpid(r->pid, how, WNOHANG)) != r->pid) {
		if ((got < 0 && errno != EINTR) || clock_ms() >= r->until)
			return false;
		nanosleep(&step, NULL);
	}
	r->pid = 0;
	return true;
}

static void end(struct run *r)
{
	shut(&r->in);
	shut(&r->out);
	if (r->pid <= 0)
		return;
	kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int judge(int how, struct buf *err)
{
	if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
		return 0;
	if (WIFSIGNALED(how))
		buf_printf(err, "killed by signal %d", WTERMSIG(how));
	else
		buf_printf(err, "exit status %d", WEXITSTATUS(how));
	return -1;
}

int filter_run(const char *command, struct str input, int64_t timeout_ms, size_t most,
	struct buf *out, struct buf *err)
{
	struct run r = {0, -1, -1, input, out->len + most, clock_ms() + timeout_ms, out};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, usual = {.sa_handler = SIG_DFL};
	struct sigaction pipe_before, child_before;
	int how = 0, status;

	sigaction(SIGPIPE, &ignore, &pipe_before);
	/* Where it was ignored, nobody could be waited for. */
	sigaction(SIGCHLD, &usual, &child_before);
	status = start(&r, command, err);
	if (status == 0) {
		bool in_time = talk(&r);

		shut(&r.in);
		if (!in_time || !reap(&r, &how)) {
			buf_printf(err, "no end after %lld ms", (long long)timeout_ms);
			status = -1;
		} else {
			status = judge(how, err);
		}
	}
	end(&r);
	sigaction(SIGPIPE, &pipe_before, NULL);
	sigaction(SIGCHLD, &child_before, NULL);
	return status;
}
