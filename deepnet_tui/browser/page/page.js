// What the page adds to the terminal of Textual (textual.js): where to connect, why a session ended, downloads.
"use strict";

(() => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";

  document.addEventListener("DOMContentLoaded", () => {
    const terminal = document.getElementById("terminal");
    terminal.dataset.sessionWebsocketUrl = `${scheme}//${location.host}/ws`;
    const size = parseInt(new URLSearchParams(location.search).get("fontsize"), 10);
    if (size >= 6 && size <= 60) terminal.dataset.fontSize = String(size);
  });

  // Keys go to the app from the first moment, without a click. The server closes a session with a sentence that says why.
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...settings) {
      super(...settings);
      this.addEventListener("open", () => document.querySelector(".xterm-helper-textarea")?.focus());
      this.addEventListener("close", (event) => {
        if (event.code === 1013) document.getElementById("again").textContent = "Try again";
        if (event.reason) document.getElementById("reason").textContent = event.reason;
        document.body.classList.add("-closed");
        document.title = "deepnet: session ended";
      });
    }
  };

  // A download needs no window of its own, and one would be blocked.
  const open = window.open.bind(window);
  window.open = (address, ...settings) => {
    if (!String(address).startsWith(`${location.origin}/download/`)) return open(address, ...settings);
    const link = document.createElement("a");
    link.href = address;
    link.download = "";
    document.body.append(link);
    link.click();
    link.remove();
    return null;
  };
})();
