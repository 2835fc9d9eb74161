import { start } from "/northway.js";

const asked = new URL(location).searchParams;

window.northway = start({
  url: asked.get("northway"),
  learner: "ada",
  course: "c1",
  module: "m1",
  tiers: JSON.parse(asked.get("tiers") ?? "[0, 1]"),
  token: async () => (await fetch("/token")).json(),
});
