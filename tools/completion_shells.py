"""Shells that are asked how they would complete a line, for tools/command-test."""
import os, pty, select, shutil, signal, subprocess, time


def bash(words, script):
    array = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-c", f"source {script}; COMP_WORDS=({array}); "
         f"COMP_CWORD={len(words) - 1}; _opal; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
        capture_output=True, text=True, timeout=30)
    return done.stdout.split()


def fish(words, script):
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {script}; complete -C '{' '.join(words)}'"],
        capture_output=True, text=True, timeout=30)
    assert not done.stderr, done.stderr
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


class Zsh:
    """An interactive zsh, to which keys are sent."""

    def __init__(self, folder, script):
        self.process, self.end = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="dumb", PS1="", ZDOTDIR=folder, COLUMNS="200", LINES="500")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        # Of two functions, one is found in the path and one is read: both ways are to work.
        where = folder + "/functions"
        os.makedirs(where)
        shutil.copy(script, where + "/_opal")
        self.send("unsetopt beep; LISTMAX=1000; COLUMNS=200; LINES=500\n"
                  "zstyle ':completion:*' verbose no; zstyle ':completion:*' list-packed no\n"
                  f"fpath=({where} $fpath); autoload -U compinit; compinit -u -D; echo rea''dy\n")
        self.read(["ready", self.EDITING])

    def send(self, text):
        os.write(self.end, text.encode())

    # What zsh writes when it begins to edit a line; before that it does not know the keys.
    EDITING = "\x1b[?2004h"

    def read(self, wanted):
        """The words that come, until those that are wanted have come in their order."""
        words, end = [], time.monotonic() + 20
        said = ""
        while time.monotonic() < end:
            words = said.replace(self.EDITING, f" {self.EDITING} ").split()
            rest = iter(words)
            if all(word in rest for word in wanted):
                break
            if select.select([self.end], [], [], 0.2)[0]:
                said += os.read(self.end, 65536).decode(errors="replace")
        return words

    def complete(self, words, wanted):
        # Lists what there is; then throws the line away, and says when that is done.
        self.send(" ".join(words) + "\x04")
        found = self.read(wanted)
        self.send("\x15echo do''ne\n")
        self.read(["done", self.EDITING])
        return found

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.end)
