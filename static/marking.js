// Where the article's text stands on the page: offsets in code points, as the server counts them, to places in the document and back.
"use strict";

const articleText = (() => {
  const WORD = /[\p{L}\p{N}\p{M}]+(?:['’\-][\p{L}\p{N}\p{M}]+)*|\S/gu; // a word, or one other character
  const count = (units) => [...units].length; // code points
  const pieces = []; // the text nodes in order, each with its place: {node, start, end}
  const starts = []; // of words, ascending, with their ends
  const ends = [];

  for (const paragraph of document.querySelectorAll(".article-text[data-start]")) {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(".who") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    let at = Number(paragraph.dataset.start);
    let text = "";
    const first = at;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      pieces.push({ node, start: at, end: (at += count(node.data)), last: false });
      text += node.data;
    }
    if (pieces.length) pieces.at(-1).last = true; // of its paragraph
    let seen = 0; // units of the text that are counted already, so that long paragraphs are gone through once
    let offset = first;
    for (const match of text.matchAll(WORD)) {
      offset += count(text.slice(seen, match.index));
      starts.push(offset);
      offset += count(match[0]);
      ends.push(offset);
      seen = match.index + match[0].length;
    }
  }

  const units = (piece, offset) => [...piece.node.data].slice(0, offset - piece.start).join("").length;
  const offsetOf = (node, unit) => {
    const piece = pieces.find((p) => p.node === node);
    return piece ? piece.start + count(node.data.slice(0, unit)) : null;
  };

  function ranges(start, end) {
    return pieces.filter((p) => p.start < end && p.end > start).map((p) => {
      const range = new Range();
      range.setStart(p.node, units(p, Math.max(start, p.start)));
      range.setEnd(p.node, units(p, Math.min(end, p.end)));
      return range;
    });
  }

  return {
    ranges,

    // The words between two offsets, a line break between paragraphs.
    words: (start, end) => pieces.filter((p) => p.start < end && p.end > start)
      .map((p) => [...p.node.data].slice(Math.max(0, start - p.start), end - p.start).join("") + (p.last && p.end < end ? "\n" : ""))
      .join(""),

    // The box of the first or last character of a span, to hang a handle on.
    edge(start, end, which) {
      const parts = which === "start" ? ranges(start, start + 1) : ranges(end - 1, end);
      return parts.length ? [...parts[0].getClientRects()].at(which === "start" ? 0 : -1) : null;
    },

    // The offset under a point of the window, null beside the text.
    at(x, y) {
      const found = document.caretPositionFromPoint?.(x, y);
      if (found) return offsetOf(found.offsetNode, found.offset);
      const range = document.caretRangeFromPoint?.(x, y);
      return range ? offsetOf(range.startContainer, range.startOffset) : null;
    },

    // The nearest place where a word begins ("start") or ends ("end").
    snap(offset, which) {
      const edges = which === "start" ? starts : ends;
      return edges.reduce((best, e) => (Math.abs(e - offset) < Math.abs(best - offset) ? e : best), edges[0]);
    },

    // The next such place before (-1) or behind (1) an offset; the offset itself at the end of the text.
    step(offset, which, by) {
      const edges = which === "start" ? starts : ends;
      return (by > 0 ? edges.find((e) => e > offset) : edges.findLast((e) => e < offset)) ?? offset;
    },

    // [start, end] of what the reader has selected in the text, in whole words; null when that is nothing.
    selected() {
      const selection = getSelection();
      if (!selection.rangeCount || selection.isCollapsed) return null;
      const range = selection.getRangeAt(0);
      let from = null;
      let to = null;
      for (const piece of pieces) {
        if (!range.intersectsNode(piece.node)) continue;
        const begin = piece.node === range.startContainer ? range.startOffset : 0;
        const stop = piece.node === range.endContainer ? range.endOffset : piece.node.length;
        if (stop <= begin) continue;
        from ??= offsetOf(piece.node, begin);
        to = offsetOf(piece.node, stop);
      }
      if (from === null) return null;
      const start = starts[ends.findIndex((e) => e > from)];
      const end = ends[starts.findLastIndex((s) => s < to)];
      return start !== undefined && end !== undefined && start < end ? [start, end] : null;
    },
  };
})();
