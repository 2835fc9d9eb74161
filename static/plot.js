// Draws the figure that the page carries as JSON, in the page's own colours.
const styles = getComputedStyle(document.documentElement);

const coloured = (value) => {
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part)]));
  }
  const name = typeof value === "string" && value.match(/^var\((--[\w-]+)\)$/);
  return name ? styles.getPropertyValue(name[1]).trim() : value;
};

const draw = () => {
  for (const place of document.querySelectorAll("[data-figure]")) {
    const figure = coloured(JSON.parse(document.getElementById(place.dataset.figure).textContent));
    figure.layout.font.family = styles.getPropertyValue("font-family");
    Plotly.react(place, figure.data, figure.layout, { responsive: true, displaylogo: false });
  }
};

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
