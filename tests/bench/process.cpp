// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/process.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/machine.h"

namespace bivouac::bench {
namespace {

constexpr int any_core = -1;
constexpr int patience_ms = 10'000;

pid_t start(const Words& command, int output, int errors, int core) {
  Words copy = command;
  std::vector<char*> words;
  for (std::string& word : copy) words.push_back(word.data());
  words.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) give_up("cannot fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a benchmark that is killed leaves no server behind
  if (core != any_core) pin_to(core);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execv(words[0], words.data());
  _exit(127);
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

Process::Process(const Words& command, const std::string& log, int core) {
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) give_up("cannot write " + log);
  pid_ = start(command, output, output, core);
  close(output);
}

Process::~Process() {
  if (!is_running()) return;
  kill(pid_, SIGTERM);
  for (int waited = 0; waited < patience_ms && is_running(); waited += 5) usleep(5'000);
  if (!is_running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Process::is_running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

std::string run_to_end(const Words& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
  const pid_t pid = start(command, ends[1], STDERR_FILENO, any_core);
  close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    output.append(buffer, static_cast<std::size_t>(count));
  close(ends[0]);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::string text = "failed:";
    for (const std::string& word : command) text += " " + word;
    give_up(text);
  }
  return output;
}

int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    give_up("no free port");
  close(listener);
  return ntohs(address.sin_port);
}

}  // namespace bivouac::bench
