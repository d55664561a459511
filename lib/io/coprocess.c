#include "io/coprocess.h"
#include "base/when.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REAP_STEP 5 /* ms between looks whether it has ended */
#define PIECE ((size_t)1 << 16)

/* ---- signals ---- */

static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
#define FATAL (sizeof(fatal) / sizeof(fatal[0]))

static volatile sig_atomic_t group; /* of what runs, for the handler */
static struct sigaction fatal_before[FATAL], child_before;

/* What ends us ends its group. */
static void end_both(int number)
{
	if (group > 0)
		kill(-(pid_t)group, SIGKILL);
	signal(number, SIG_DFL);
	raise(number);
}

static void catch_signals(void)
{
	struct sigaction act = {.sa_handler = end_both}, usual = {.sa_handler = SIG_DFL};

	for (size_t i = 0; i < FATAL; i++) {
		sigaction(fatal[i], NULL, &fatal_before[i]);
		if (fatal_before[i].sa_handler == SIG_DFL)
			sigaction(fatal[i], &act, NULL);
	}
	/* Where it was ignored, nobody could be waited for. */
	sigaction(SIGCHLD, &usual, &child_before);
}

static void leave_signals(void)
{
	for (size_t i = 0; i < FATAL; i++)
		sigaction(fatal[i], &fatal_before[i], NULL);
	sigaction(SIGCHLD, &child_before, NULL);
}

/* A reader that is gone is told by the write, and by no signal. */
static ssize_t write_quietly(int fd, const char *p, size_t n)
{
	const struct timespec now = {0, 0};
	sigset_t pipe, before, pending;
	bool was_pending;
	ssize_t written;
	int why;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, &before);
	written = write(fd, p, n);
	why = errno;
	if (written < 0 && why == EPIPE && !was_pending)
		while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
			;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return written;
}

/* ---- life ---- */

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
	for (size_t i = 0; i < FATAL; i++)
		signal(fatal[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Signals that come meanwhile find the group that they end. */
static pid_t fork_group(const char *command, int in, int out)
{
	sigset_t ends, before;
	pid_t pid;

	sigemptyset(&ends);
	for (size_t i = 0; i < FATAL; i++)
		sigaddset(&ends, fatal[i]);
	sigprocmask(SIG_BLOCK, &ends, &before);
	pid = fork();
	if (pid == 0)
		become(command, in, out);
	if (pid > 0) {
		/* Whoever of the two comes first: it is in its group before it can be killed with
		 * it. */
		setpgid(pid, pid);
		group = pid;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

int coprocess_start(struct coprocess *c, const char *command, struct buf *err)
{
	int to[2] = {-1, -1}, from[2] = {-1, -1};

	*c = (struct coprocess){.in = -1, .out = -1, .unsent = BUF_INIT, .got = BUF_INIT};
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		goto failed;
	catch_signals();
	c->pid = fork_group(command, to[0], from[1]);
	if (c->pid < 0) {
		leave_signals();
		goto failed;
	}
	c->in = to[1];
	c->out = from[0];
	shut(&to[0]);
	shut(&from[1]);
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	return 0;
failed:
	buf_printf(err, "cannot be started: %s", strerror(errno));
	c->pid = 0;
	for (int i = 0; i < 2; i++) {
		shut(&to[i]);
		shut(&from[i]);
	}
	return -1;
}

void coprocess_end(struct coprocess *c)
{
	shut(&c->in);
	shut(&c->out);
	if (c->pid > 0) {
		/* It may have ended and left others of its group. */
		kill(-c->pid, SIGKILL);
		/* Its number may be another's once it has been waited for. */
		group = 0;
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		leave_signals();
	}
	c->pid = 0;
	buf_release(&c->unsent);
	buf_release(&c->got);
}

bool coprocess_wait(struct coprocess *c, int64_t until, struct buf *how)
{
	const struct timespec step = {0, REAP_STEP * 1000000L};
	siginfo_t info = {.si_pid = 0};

	/* It is left to be waited for, so that its group's number is no other's. */
	while (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		!info.si_pid) {
		if (when_steady() >= until)
			return false;
		nanosleep(&step, NULL);
	}
	if (info.si_code != CLD_EXITED)
		buf_printf(how, "killed by signal %d", info.si_status);
	else if (info.si_status)
		buf_printf(how, "exit status %d", info.si_status);
	return true;
}

/* ---- bytes ---- */

static void give(struct coprocess *c)
{
	ssize_t n = write_quietly(c->in, c->unsent.s + c->sent, c->unsent.len - c->sent);

	if (n > 0)
		c->sent += (size_t)n;
	/* One that has read enough may close its stdin. */
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		shut(&c->in);
	if (c->sent == c->unsent.len || c->in < 0) {
		buf_clear(&c->unsent);
		c->sent = 0;
	}
}

static void take(struct coprocess *c)
{
	ssize_t n;

	if (c->taken) {
		buf_drop(&c->got, c->taken);
		c->taken = 0;
	}
	buf_room(&c->got, PIECE);
	n = read(c->out, c->got.s + c->got.len, PIECE);
	if (n > 0)
		c->got.s[c->got.len += (size_t)n] = '\0';
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(&c->out);
}

void coprocess_send(struct coprocess *c, struct str bytes)
{
	if (c->in >= 0)
		buf_put(&c->unsent, bytes);
}

void coprocess_finish(struct coprocess *c)
{
	c->finishing = true;
}

enum coprocess_step coprocess_step(struct coprocess *c, int also, int64_t until)
{
	struct pollfd p[3];
	int64_t left = until - when_steady();
	int n;

	if (c->finishing && !c->unsent.len)
		shut(&c->in);
	p[0] = (struct pollfd){c->out, POLLIN, 0};
	p[1] = (struct pollfd){c->unsent.len ? c->in : -1, POLLOUT, 0};
	p[2] = (struct pollfd){also, POLLIN, 0};
	n = poll(p, 3, left < 0 ? 0 : left > 1000 ? 1000 : (int)left);
	if (n <= 0)
		return COPROCESS_TIME;
	if (p[1].revents)
		give(c);
	if (p[0].revents)
		take(c);
	return p[0].revents || p[1].revents ? COPROCESS_MOVED : COPROCESS_ALSO;
}

bool coprocess_line(struct coprocess *c, struct str *line)
{
	size_t held = coprocess_held(c);
	const char *from = c->got.s + c->taken, *end = memchr(from, '\n', held);

	if (!end && !(coprocess_done(c) && held))
		return false;
	*line = (struct str){from, end ? (size_t)(end - from) : held};
	c->taken += line->len + (end != NULL);
	return true;
}
