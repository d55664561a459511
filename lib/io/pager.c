#include "io/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 65536

static int failed(const char *what, struct buf *err)
{
	buf_printf(err, "%s: %s", what, strerror(errno));
	return -1;
}

int pager_begin(struct out *o, struct buf *err)
{
	const char *given = getenv("TMPDIR"), *folder = given && *given ? given : "/tmp";
	struct buf path = BUF_INIT;
	int fd;

	buf_printf(&path, "%s/jtools.XXXXXX", folder);
	fd = mkostemp(path.s, O_CLOEXEC);
	if (fd >= 0)
		unlink(path.s);
	buf_release(&path);
	*o = (struct out){.fd = fd, .name = "what is shown", .pending = BUF_INIT};
	return fd < 0 ? failed(folder, err) : 0;
}

static int rows_of_screen(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : 24;
}

/* Whether the file has more lines than the screen leaves room for beside a prompt. */
static bool is_long(int fd)
{
	char block[BLOCK];
	int left = rows_of_screen() - 1;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while (left >= 0 && (n = read(fd, block, sizeof(block))) > 0)
		for (ssize_t i = 0; i < n; i++)
			left -= block[i] == '\n';
	lseek(fd, 0, SEEK_SET);
	return left < 0;
}

static int copy(int fd, struct buf *err)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		for (ssize_t at = 0, w; at < n; at += w)
			if ((w = write(STDOUT_FILENO, block + at, (size_t)(n - at))) < 0)
				return failed("<stdout>", err);
	return 0;
}

static void become_pager(int fd)
{
	const char *pager = getenv("PAGER");

	signal(SIGINT, SIG_DFL);
	dup2(fd, STDIN_FILENO);
	setenv("LESS", "FRX", 0);
	execl("/bin/sh", "sh", "-c", pager && *pager ? pager : "less", (char *)NULL);
	_exit(127);
}

/* Ctrl-C is the pager's while it runs. *code: what it left with. */
static int run_pager(int fd, int *code, struct buf *err)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	int status = 0;
	pid_t child;

	sigaction(SIGINT, &ignore, &before);
	child = fork();
	if (child == 0)
		become_pager(fd);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &before, NULL);
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return child < 0 ? failed("fork", err) : 0;
}

int pager_show(struct out *o, struct buf *err)
{
	int code = 0, status = out_flush(o, err);

	if (status == 0 && is_long(o->fd))
		status = run_pager(o->fd, &code, err);
	else
		code = 127;
	/* No pager is there: what came is shown all the same. */
	if (status == 0 && code == 127) {
		lseek(o->fd, 0, SEEK_SET);
		status = copy(o->fd, err);
	}
	if (status < 0) {
		struct buf more = BUF_INIT;

		out_close(o, &more);
		buf_release(&more);
		return status;
	}
	return out_close(o, err);
}
