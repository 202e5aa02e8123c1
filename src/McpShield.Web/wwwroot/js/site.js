// What the site needs of scripts on every page. Nothing here is needed to use it.
import "./nonce.js";

// Islands speak over WebSockets at once: a connection that is not negotiated needs no sticky routing.
const webSockets = 1;
Blazor.start({ circuit: { configureSignalR: builder => builder.withUrl("/_blazor", { skipNegotiation: true, transport: webSockets }) } });

// The theme changes at once; the form does the same without script.
document.addEventListener("submit", event => {
  const form = event.target.closest?.("[data-theme-switch]");
  if (!form) return;
  event.preventDefault();
  const theme = event.submitter?.value ?? "system";
  document.cookie = `mcpshield_theme=${theme}; path=/; max-age=34560000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  document.documentElement.dataset.theme = theme;
  const next = { system: "light", light: "dark", dark: "system" };
  event.submitter.value = next[theme] ?? "system";
  event.submitter.textContent = `Theme: ${theme}`;
});

// The framework says by class what the connection is like; a dialog must be opened to be seen.
const dialog = document.getElementById("components-reconnect-modal");
dialog?.addEventListener("components-reconnect-state-changed", event => {
  const state = event.detail.state;
  if (state === "hide") dialog.close();
  else if (!dialog.open) dialog.showModal();
  if (state === "rejected") location.reload();
});
document.addEventListener("click", event => {
  if (!event.target.closest?.("[data-reload]")) return;
  event.preventDefault();
  location.reload();
});
