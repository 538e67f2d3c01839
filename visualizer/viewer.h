// The whole picture and what keys and mouse do to it, in whatever Dear ImGui context is current: a window's, or one
// without any.
//   tests  tests/visualizer/ui/*_test.cpp
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "visualizer/draw/view.h"
#include "visualizer/model/actions.h"

namespace gdn2::viewer {

/// What a window or picture must have at least, in pixels of the design: below it says so and shows nothing else.
inline constexpr float least_width = 480, least_height = 320;

class Viewer {
public:
    /// Both must outlive it.
    Viewer(Session& session, Textures& textures);
    ~Viewer();
    Viewer(const Viewer&) = delete;
    Viewer& operator=(const Viewer&) = delete;

    Session& session() { return session_; }

    /// Pixels for each pixel of the design, as the session asks and the monitor needs: fonts must be loaded for this.
    float unit() const;
    void set_monitor_scale(float scale) { monitor_scale_ = scale; }

    /// A key went down, or is held and `repeated`: done in the next frame, unless text is being typed. However short
    /// the press was, it is not lost between two frames.
    void press(const Chord& chord, bool repeated = false);

    /// Everything between ImGui::NewFrame() and Render(): keys, `seconds` of playing, all panels. Returns in how many
    /// seconds the picture will change although nobody touches anything: 0 is at once, infinity never.
    double frame(const Fonts& fonts, double seconds);

    /// What was asked for and is to be done outside, once.
    Requests take_requests();

    /// Opens a scenario or file; what was open stays when that fails. Says in the status bar what happened.
    void open(const std::string& scenario_or_path);
    /// A file dropped on the window: the second file where it holds results only, or where the Diff tab is open.
    void drop(const std::string& path);
    /// Goes where a state string says, or says why not.
    void paste(const std::string& state);

    /// Puts a line into the status bar.
    void say(const std::string& text, bool is_error);

    const Hover& hover() const { return hover_; }        ///< what the mouse is on
    const Message& message() const { return message_; }  ///< the line in the status bar
    const PanelMemory& memory() const { return *memory_; }

private:
    bool something_in_front() const;
    std::optional<Action> action_asked(const Chord& chord) const;
    void keys(const View& view);
    void perform(Action action, const View& view);
    void panels(const View& view);
    void open_again();
    void explain_hovered();

    Session& session_;
    Textures& textures_;
    struct Press {
        Chord chord;
        bool repeated;
    };
    std::vector<Press> presses_;
    Hover hover_;
    Requests requests_;
    Message message_;
    std::unique_ptr<PanelMemory> memory_;
    float monitor_scale_ = 1;
};

}  // namespace gdn2::viewer
