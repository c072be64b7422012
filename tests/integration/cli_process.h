// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// The program as its users see it: processes, exit codes, files and text.

namespace bivouac::integration {

struct Ran {
  int code = -1;
  std::string output;  // standard output and error
};

inline pid_t spawn(std::string program, const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  argv.push_back(program.data());
  std::vector<std::string> copy = arguments;
  for (std::string& argument : copy) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

/// Runs the program to its end.
inline Ran run_program(const std::vector<std::string>& arguments) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t pid = spawn(BIVOUAC_PROGRAM, arguments, ends[1]);
  close(ends[1]);
  Ran ran;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
    ran.output.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

inline bool within(std::chrono::milliseconds time, const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// A port of loopback that nobody listens on now.
inline std::string free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(listener);
  return std::to_string(ntohs(address.sin_port));
}

/// A folder with a PKI and the configuration of one gateway that neither listens nor dials.
class Place {
 public:
  Place() : path(folder()) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    REQUIRE(run_program({"pki", "init", file("pki")}).code == 0);
    REQUIRE(run_program(
                {"pki", "issue", file("pki"), "--system", "sip:alpha.example", "--out", "alpha"})
                .code == 0);
    write("alpha.toml", configuration());
  }
  ~Place() { std::filesystem::remove_all(path); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  static std::filesystem::path folder() {
    return std::filesystem::temp_directory_path() / ("bivouac-cli-" + std::to_string(getpid()));
  }
  static std::string configuration() {
    return "[system]\nid = \"sip:alpha.example\"\nclock = \"trusted\"\n"
           "[tls]\ncertificate = \"pki/alpha.crt\"\nkey = \"pki/alpha.key\"\nca = \"pki/ca.crt\"\n"
           "crl = \"pki/ca.crl\"\n[store]\ndata_dir = \"data\"\nruntime_dir = \"run\"\n"
           "[[partner]]\nsystem_id = \"sip:bravo.example\"\n"
           "users = [\"sip:*@bravo.example\"]\n";
  }
  std::string file(const std::string& name) const { return (path / name).string(); }
  std::string read(const std::string& name) const {
    std::ifstream stream(file(name));
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
  }

  std::filesystem::path path;
};

/// The program, or another one, in the background; what it says goes to a file.
class Daemon {
 public:
  static constexpr struct AnyVerb {
  } any_verb{};

  Daemon(const std::string& config, const std::string& log)
      : Daemon({"run", "--config", config}, log, any_verb) {}
  Daemon(const std::vector<std::string>& arguments, const std::string& log, AnyVerb)
      : Daemon(BIVOUAC_PROGRAM, arguments, log) {}
  Daemon(const std::string& program, const std::vector<std::string>& arguments,
         const std::string& log) {
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = spawn(program, arguments, output);
    close(output);
  }
  ~Daemon() { end(SIGKILL); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// The exit code, or 128 and the signal.
  int end(int signal_number) {
    if (pid_ <= 0) return -1;
    kill(pid_, signal_number);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_t pid() const { return pid_; }
  /// Does not wait for what comes of it.
  void signal(int number) const { kill(pid_, number); }

 private:
  pid_t pid_ = -1;
};

}  // namespace bivouac::integration
