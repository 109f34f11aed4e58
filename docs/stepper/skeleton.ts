/** What the element begins with; everything in it is painted later. */
export const SKELETON = `
<div class="stepper" data-pane="time">
  <p class="problem" role="alert" hidden></p>
  <div class="file" hidden><label>A recording to step through <input type="file" accept=".jsonl,.json,.txt"></label> <label class="whose" hidden>Show <select class="only"></select></label></div>
  <div class="people"></div>
  <p class="lesson" hidden></p>
  <div class="tabs" role="group" aria-label="What is shown">
    <button data-pane="time" aria-pressed="true">Frames</button><button data-pane="machine" aria-pressed="false">Machine</button><button data-pane="bytes" aria-pressed="false">Bytes</button><button data-pane="facts" aria-pressed="false">Facts</button>
  </div>
  <div class="stage">
    <section class="pane machine" aria-label="Machine">
      <div class="machine-bar"><label>Machine <select class="machines"></select></label><label><input type="checkbox" class="follows" checked> follow</label></div>
      <div class="chart" role="region" tabindex="0" aria-label="Statechart"></div>
    </section>
    <section class="pane time" aria-label="Frames">
      <div class="space-holder" role="region" tabindex="0" aria-label="What happened"></div>
    </section>
  </div>
  <div class="controls" role="group" aria-label="Time">
    <button data-do="first" aria-label="To the beginning" title="To the beginning">«</button><button data-do="back" aria-label="One step back" title="One step back (←)">‹</button><button data-do="step" class="primary" title="One step (→)">Step</button><button data-do="play" aria-pressed="false">Play</button><button data-do="last" aria-label="To the end" title="To the end">»</button>
    <input type="range" min="0" max="0" value="0" aria-label="Step"><output></output>
  </div>
  <div class="choices" role="group" aria-label="What may happen"></div>
  <section class="pane bytes" aria-label="Bytes"></section>
  <section class="pane facts" aria-label="Facts"></section>
  <p class="spoken" aria-live="polite"></p>
</div>`

/** Of the text of a recording, before it is looked at. */
export const MAX_FILE = 192 * 1024 * 1024
