// What the pages gain where scripts run. Nothing here is needed for any function.
document.documentElement.classList.add("js");

// Live tiles: a pause button stops the requests, and so does a page nobody sees.
let paused = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (!button) return;
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.target.hasAttribute?.("data-live");
  const read = live && event.target.querySelector(":popover-open");
  if (live && (paused || document.hidden || read)) event.preventDefault();
});
// What could not be refreshed says so, until it can be again; 304 is an answer too.
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.target.hasAttribute?.("data-live")) return;
  const { status } = event.detail.xhr;
  const answered = (status >= 200 && status < 300) || status === 304;
  document.querySelectorAll("[data-stale]").forEach((badge) => (badge.hidden = answered));
});

// An account menu closes on Escape and on a click elsewhere.
const shut = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
document.addEventListener("click", (event) => shut(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A range shows its value while it moves.
document.addEventListener("input", (event) => {
  const shown = event.target.id && document.querySelector(`output[for="${event.target.id}"]`);
  if (!shown) return;
  const number = Number(event.target.value);
  shown.value = "percent" in event.target.dataset ? `${Math.round(100 * number)}%` : "whole" in shown.dataset ? String(number) : number.toFixed(2);
});

// Filters apply when they change; the button beside them stays for everybody else.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-auto]")?.requestSubmit();
});

// a question that stands above its answer leaves the field; one that was sent back stays
document.addEventListener("htmx:afterSwap", (event) => {
  const thread = event.target.closest?.(".thread");
  if (thread?.lastElementChild?.previousElementSibling?.matches(".q1")) {
    thread.nextElementSibling.reset();
  }
});
