// SPDX-License-Identifier: GPL-2.0-or-later
// What happens, and what is wished to happen: all that goes into and comes out of update().
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "app/daemon.h"
#include "app/live_connection.h"
#include "app/log_entry.h"
#include "app/traffic_change.h"
#include "app/workspace.h"
#include "base/result.h"
#include "edit/save.h"
#include "ui/input.h"

namespace vuurmuur::app {

/// Which answer belongs to which question.
enum class RequestId : std::uint64_t { None };

/// An item of a list was clicked.
struct Click {
  int item = -1;
  bool is_double = false;
};
struct Wheel {
  int by = 0;  ///< rows downwards
};
/// Time has passed; both in seconds: on a clock that nobody can set, and since 1970.
struct Tick {
  std::int64_t now = 0, time = 0;
};
/// The daemon's answer to a Call.
struct Reply {
  RequestId request{};
  ipc::Reply reply;
};
/// What became of a Save. After one that succeeded there is no draft any more.
struct Saved {
  std::shared_ptr<const base::Result<edit::Outcome>> outcome;
};
/// The files as they are now: asked for by ReadTree, or somebody else changed them.
struct TreeRead {
  std::shared_ptr<const base::MemoryFileSystem> files;
};
struct LinkChanged {
  Link link = Link::Offline;
  std::string reason;
};
struct StatusKnown {
  Status status;
};
struct CountersSampled {
  Counters counters;
};
/// What rules logged since the last time.
struct LogRead {
  LogNews news;
};
/// Some of what a SearchLog found, oldest first.
struct LogFound {
  RequestId request{};
  std::vector<LogEntry> entries;
  bool is_done = false;
  std::string problem;  ///< why it is done when that is no good end, for people
};
struct ConnectionsSampled {
  ConnectionSample sample;
};
/// The daemon tells no more of something that a screen wanted to be told of.
struct StreamEnded {
  std::string method;  ///< "WatchLog"
  std::string reason;  ///< for people
};
/// The kernel rules that a Preview gave, or the problem in one line.
struct PreviewMade {
  RequestId request{};
  std::vector<std::string> lines;
};
/// What Judge was asked: the reading that it was asked for, and the same with what was found.
struct Judged {
  std::shared_ptr<const Reading> asked, found;
};
/// What a CompareTraffic found.
struct TrafficCompared {
  RequestId request{};
  std::shared_ptr<const TrafficChange> found;
};
/// The user's editor has ended.
struct EditorEnded {
  std::string problem;  ///< empty: none
};

using Event = std::variant<ui::Key, ui::Paste, Click, Wheel, Tick, Reply, Saved, TreeRead, LinkChanged, StatusKnown,
                           CountersSampled, LogRead, LogFound, ConnectionsSampled, StreamEnded, PreviewMade, Judged,
                           TrafficCompared, EditorEnded>;

/// Asks the daemon; answered by a Reply.
struct Call {
  RequestId request{};
  std::string method;  ///< of org.vuurmuur.Manager: "Apply"
  ipc::Json parameters = ipc::Json::object();
};
/// Writes changes to the disk; answered by Saved.
struct Save {
  edit::Changes changes;
  std::string what;  ///< for the log of edits
};
/// Reads the files anew; answered by TreeRead.
struct ReadTree {};
/// Compiles and gives the kernel rules of one rule of the policy; answered by PreviewMade.
struct Preview {
  RequestId request{};
  std::shared_ptr<const Reading> reading;
  std::uint32_t rule = 0;
};
/// Looks which rules others leave nothing, beside what goes on; answered by Judged. A newer one replaces one that was
/// not begun.
struct Judge {
  std::shared_ptr<const Reading> reading;
};
/// Looks which packets a reading treats otherwise than files of another configuration, beside what goes on; answered by
/// TrafficCompared unless a newer one comes.
struct CompareTraffic {
  RequestId request{};
  std::shared_ptr<const ConfigurationFiles> before;
  std::shared_ptr<const Reading> after;
};
/// Looks through the stored log, the rotated files too; answered by LogFound again and again. One at a time: the one
/// before ends.
struct SearchLog {
  RequestId request{};
  std::string filter;  ///< as in "vuurmuur log"
  std::string since;   ///< "10m", "2026-11-23"; empty: from the beginning
};
/// Gives the terminal to $EDITOR; answered by EditorEnded.
struct RunEditor {
  std::string path;  ///< in the tree
  std::uint32_t line = 1;
};
struct Redraw {};
struct Suspend {};
struct Quit {};

using Effect =
    std::variant<Call, Save, ReadTree, Preview, Judge, CompareTraffic, SearchLog, RunEditor, Redraw, Suspend, Quit>;

}  // namespace vuurmuur::app
