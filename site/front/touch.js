// A finger that swipes over a plot scrolls the page: it drags only where it meets the handle.

// Pixels around the ring within which a finger holds it.
const MARGIN = 24;

/** @param {HTMLElement} stage */
function holdOnlyTheHandle(stage) {
  /** @param {{clientX: number, clientY: number}} finger */
  const holds = ({ clientX, clientY }) => {
    const ring = stage.querySelector(".handle")?.getBoundingClientRect();
    if (!ring) return false;
    const [x, y] = [ring.left + ring.width / 2, ring.top + ring.height / 2];
    return Math.hypot(clientX - x, clientY - y) <= ring.width / 2 + MARGIN;
  };
  const onPlot = (/** @type {Event} */ event) => Boolean(event.target.closest(".plot"));
  // In the capturing phase: a finger that comes down beside the ring is not heard of by the plot,
  // which would hold it by itself, as browsers let an element hold what touches it.
  stage.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType !== "touch" || !onPlot(event) || holds(event)) return;
      event.stopPropagation();
      event.target.releasePointerCapture(event.pointerId);
    },
    true,
  );
  // Otherwise the browser would take a drag upwards for its own.
  stage.addEventListener(
    "touchstart",
    (event) => {
      if (event.touches.length === 1 && onPlot(event) && holds(event.touches[0])) event.preventDefault();
    },
    { passive: false },
  );
}
