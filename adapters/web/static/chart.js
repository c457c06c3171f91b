// A small line chart: points are [seconds, value], the oldest first.

import { drawn } from "./dom.js";

const WIDTH = 160;
const HEIGHT = 44;
const EDGE = 4;

export function chart(points, label) {
  const at = scale(points.map(([second]) => second), EDGE, WIDTH - EDGE);
  const up = scale([0, ...points.map(([, value]) => value)], HEIGHT - EDGE, EDGE);
  const placed = points.map(([second, value]) => `${at(second)},${up(value)}`);
  const [last] = placed.slice(-1);
  const [x, y] = last.split(",");
  return drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": label, class: "chart" },
    drawn("polygon", { points: [`${EDGE},${HEIGHT - EDGE}`, ...placed, `${x},${HEIGHT - EDGE}`].join(" ") }),
    drawn("polyline", { points: placed.join(" ") }),
    drawn("circle", { cx: x, cy: y, r: 3 }),
  );
}

// From values to places between two edges.
function scale(values, from, to) {
  const least = Math.min(...values);
  const span = Math.max(...values) - least || 1;
  return (value) => (from + ((value - least) / span) * (to - from)).toFixed(1);
}
