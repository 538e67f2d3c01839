// See window.h.
#include "visualizer/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "reference/core/error.h"
#include "visualizer/film/png.h"
#include "visualizer/film_export.h"
#include "visualizer/gl_textures.h"
#include "visualizer/model/state_string.h"
#include "visualizer/style.h"
#include "visualizer/viewer.h"
#include "visualizer/window_keys.h"

namespace gdn2::viewer {
namespace {

constexpr int frames_after_an_event = 3;  ///< Dear ImGui needs a few until hovers and popups have settled
constexpr double longest_wait = 0.5, longest_step = 0.1;

std::string last_glfw_error = "unknown";
void keep_error(int, const char* text) { last_glfw_error = text; }

/// GLFW, a window with a context, and Dear ImGui in it, for as long as it lives.
class Window {
public:
    Window(int width, int height, const std::string& title) {
        glfwSetErrorCallback(keep_error);
        const bool ready = glfwInit() == GLFW_TRUE;  // before the message is made
        require(ready, no_window());
        glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
        glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
        glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
        glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
        window_ = glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr);
        if (!window_) glfwTerminate();
        require(window_, no_window());
        glfwSetWindowSizeLimits(window_, 640, 480, GLFW_DONT_CARE, GLFW_DONT_CARE);
        glfwMakeContextCurrent(window_);
        glfwSwapInterval(1);
        IMGUI_CHECKVERSION();
        ImGui::CreateContext();
        ImGui::GetIO().IniFilename = nullptr;
        ImGui_ImplGlfw_InitForOpenGL(window_, true);
        ImGui_ImplOpenGL3_Init("#version 150");
    }
    ~Window() {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
        ImGui::DestroyContext();
        glfwDestroyWindow(window_);
        glfwTerminate();
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    GLFWwindow* get() const { return window_; }

    float monitor_scale() const {
        float x = 1, y = 1;
        glfwGetWindowContentScale(window_, &x, &y);
        return std::max(x, 0.5f);
    }

private:
    static std::string no_window() {
        return "cannot open a window: " + last_glfw_error +
               "; --screenshot, --export and --transcript work without a display";
    }
    GLFWwindow* window_ = nullptr;
};

/// The viewer with its window: fonts for its size, frames when they are needed, and what panels asked for.
class Loop {
public:
    Loop(Session& session, const Options& options)
        : window_(options.width, options.height, "gdn2-viewer: Gated DeltaNet-2, a memory being edited"),
          viewer_(session, textures_),
          scale_(static_cast<float>(options.scale)) {
        send_keys_to(viewer_, window_.get());
        glfwSetDropCallback(window_.get(), [](GLFWwindow* window, int count, const char** paths) {
            auto& viewer = *static_cast<Viewer*>(glfwGetWindowUserPointer(window));
            for (int i = 0; i < count; ++i) viewer.drop(paths[i]);
        });
    }

    void run() {
        int frames = frames_after_an_event;
        double wait = 0;  ///< until the picture changes by itself
        while (!glfwWindowShouldClose(window_.get())) {
            if (frames > 0 || wait <= 0 || export_) {
                glfwPollEvents();
                --frames;
            } else {
                const double before = glfwGetTime(), at_most = std::min(wait, longest_wait);
                glfwWaitEventsTimeout(at_most);
                const double waited = glfwGetTime() - before;
                wait -= waited;
                if (waited >= at_most && wait > 0) continue;  // nothing happened
                frames = frames_after_an_event;
            }
            wait = frame();
            if (wait <= 0) frames = frames_after_an_event;  // an event may have come while the picture moved
            go_on_with_film();
        }
    }

private:
    void load_fonts_for_unit() {
        viewer_.set_monitor_scale(window_.monitor_scale() * scale_);
        if (unit_ == viewer_.unit()) return;
        unit_ = viewer_.unit();
        fonts_ = load_fonts(unit_);
#if IMGUI_VERSION_NUM < 19200  // later versions bake glyphs as they come up
        ImGui_ImplOpenGL3_DestroyFontsTexture();
        ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
    }

    double frame() {
        load_fonts_for_unit();
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        ImGuiIO& io = ImGui::GetIO();
        io.DeltaTime = std::clamp(io.DeltaTime, 1e-4f, static_cast<float>(longest_step));
        ImGui::NewFrame();
        const double wait = viewer_.frame(fonts_, io.DeltaTime);
        ImGui::Render();
        int width = 0, height = 0;
        glfwGetFramebufferSize(window_.get(), &width, &height);
        glViewport(0, 0, width, height);
        const ImVec4 background =
            ImGui::ColorConvertU32ToFloat4(theme_of(viewer_.session().ui.theme).background);
        glClearColor(background.x, background.y, background.z, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
        serve(viewer_.take_requests(), width, height);
        glfwSwapBuffers(window_.get());
        return wait;
    }

    void serve(const Requests& requests, int width, int height) {
        if (requests.quit) glfwSetWindowShouldClose(window_.get(), GLFW_TRUE);
        if (requests.clipboard) glfwSetClipboardString(window_.get(), requests.clipboard->c_str());
        if (requests.paste) {
            const char* text = glfwGetClipboardString(window_.get());
            viewer_.paste(text ? text : "");
        }
        try {
            if (requests.screenshot) save_picture(width, height);
            if (requests.film) begin_film(*requests.film, width, height);
        } catch (const std::exception& error) {
            viewer_.say(error.what(), true);
        }
    }

    /// What the card has drawn, before it is shown.
    void save_picture(int width, int height) {
        Image image{width, height, std::vector<Colour>(static_cast<std::size_t>(width) *
                                                       static_cast<std::size_t>(height))};
        std::vector<Colour> upside_down(image.pixels.size());
        glPixelStorei(GL_PACK_ALIGNMENT, 1);
        glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
        for (int y = 0; y < height; ++y)
            std::copy_n(upside_down.begin() + static_cast<std::ptrdiff_t>(height - 1 - y) * width, width,
                        image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * width);
        for (Colour& pixel : image.pixels) pixel |= 0xff000000u;
        const std::string path = name_by_time();
        write_png(path, image);
        viewer_.say("saved " + path, false);
    }

    static std::string name_by_time() {
        const std::time_t now = std::time(nullptr);
        char text[64];
        std::strftime(text, sizeof text, "gdn2-%Y%m%d-%H%M%S.png", std::localtime(&now));
        return text;
    }

    void begin_film(const FilmRequest& wanted, int width, int height) {
        ImGuiContext* own = ImGui::GetCurrentContext();
        film_path_ = wanted.path;
        export_ = std::make_unique<FilmExport>(state_string(viewer_.session()), wanted.path,
                                               wanted.width > 0 ? wanted.width : width,
                                               wanted.height > 0 ? wanted.height : height, wanted.scale, wanted.range);
        ImGui::SetCurrentContext(own);
    }

    /// One picture of the film between two frames of the window.
    void go_on_with_film() {
        if (!export_) return;
        ImGuiContext* own = ImGui::GetCurrentContext();
        std::string says, failed;
        try {
            if (export_->step()) {
                says = "filming " + film_path_ + ", " + std::to_string(std::lround(100 * export_->done())) + " %";
            } else {
                says = "saved " + film_path_;
                export_.reset();
            }
        } catch (const std::exception& error) {
            failed = error.what();
            export_.reset();
        }
        ImGui::SetCurrentContext(own);
        failed.empty() ? viewer_.say(says, false) : viewer_.say(failed, true);
    }

    Window window_;
    GlTextures textures_;
    Viewer viewer_;
    Fonts fonts_;
    float scale_, unit_ = 0;
    std::string film_path_;
    std::unique_ptr<FilmExport> export_;
};

}  // namespace

void run_window(Session& session, const Options& options) { Loop(session, options).run(); }

}  // namespace gdn2::viewer
