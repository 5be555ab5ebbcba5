"""The style of the frame around the view: one screen, larger on a larger one, another order on a phone."""

STYLE = """<style>
:root { --zoom: 1; --screen: calc(100vh / var(--zoom)); }
@media (min-width: 1500px) and (min-height: 880px) { :root { --zoom: 1.12; } }
@media (min-width: 1800px) and (min-height: 1000px) { :root { --zoom: 1.35; } }
.stMainBlockContainer { padding: .6rem clamp(1rem, 3vw, 2.5rem) 3rem; max-width: calc(1360px * var(--zoom)); }
.stMainBlockContainer .stVerticalBlock { gap: .5rem; }
.st-key-page, [data-testid="stLayoutWrapper"]:has(> .st-key-page) {
  height: auto !important; max-height: none !important; overflow: visible !important;
}
.st-key-page { align-items: stretch !important; }
/* figures stay as they are, since their pointer would miss */
.st-key-page > :not(:has(.st-key-below)), .st-key-below :is(.stMarkdown, .stHtml) { zoom: var(--zoom); }
:is(.st-key-page, .stMainBlockContainer > .stVerticalBlock) > .stElementContainer:has(style) { position: absolute; }
@media (min-width: 701px) { .stMain { scrollbar-gutter: stable; } } /* or all moves when the page gets longer than the screen */
.stAppHeader { background: none; pointer-events: none; } .stAppHeader * { pointer-events: auto; }
[data-testid="InputInstructions"] { display: none; }
.stMainBlockContainer h1 { padding: 0; font-size: 1.5rem; line-height: 1.3; }

.stMainBlockContainer .stHeading, .stMainBlockContainer .stHeading div { margin: 0; padding: 0; }
/* Streamlit puts a page together piece by piece: it is shown when all stands in its place, so that nothing jumps. An error
   is seen at once. (Not with :has on .stMain: then every change in the page would style all of it anew, 60 ms a key.) */
:root:not(.uv-seen) .stMain * { visibility: hidden; animation: uncover 0s 20s forwards; }
:root:not(.uv-seen) .stMain :is(.stAlert, .stException),
:root:not(.uv-seen) .stMain :is(.stAlert, .stException) * { visibility: visible; }
@keyframes uncover { to { visibility: visible; } }

/* what can be chosen, in one row as long as there is room: each with its name before it */
.st-key-choices { gap: .35rem 1.1rem !important; align-items: center; }
.st-key-choices > .stElementContainer { width: auto !important; }
.st-key-choices .stButtonGroup { display: flex; flex-direction: row; align-items: center; gap: .5rem; width: auto; }
.st-key-choices .stButtonGroup label, .st-key-choices .stSlider label { margin: 0; min-height: 0; flex: none; white-space: nowrap; }
.st-key-choices .stButtonGroup button { min-height: 1.9rem; padding: .1rem .5rem; }
.st-key-choices .stElementContainer:has(.stSlider) { flex: none; }
.st-key-choices .stSlider {
  display: flex; flex-direction: row; align-items: center; gap: .6rem; width: auto !important; padding-top: .5rem;
}
.st-key-choices .stSlider label { gap: .25rem; }
.st-key-choices .stSlider > :not(label) { flex: 0 0 8.5rem; }
.st-key-choices :is(.stButton, .stPopover) button { min-height: 1.9rem; padding: .1rem .7rem; }

/* the line that leads to the story goes on in the next line where a phone has no room for it */
.st-key-headline a * { white-space: normal; overflow-wrap: anywhere; }

/* how a network is built, in one row: each with its name above it */
.st-key-dials { gap: .3rem .9rem !important; align-items: start; flex-wrap: wrap !important; }
.st-key-dials > .stElementContainer { width: auto !important; flex: none; }
.st-key-dials label { height: 1.2rem; min-height: 0 !important; margin: 0 0 .1rem; font-size: .8rem; align-items: center; }
.st-key-dials > .stElementContainer:has(> .stButton) { padding-top: 1.3rem; } /* it has no name above it */
.st-key-dials .stSlider { width: 7.2rem !important; margin-bottom: -.6rem; }
.st-key-dials .stSlider label { margin-bottom: .4rem; } /* the number stands between */
.st-key-dials .stSelectbox { width: 11.8rem !important; }
.st-key-dials .stSelectbox [role="group"] { height: 1.9rem; min-height: 0; align-items: center; }
.st-key-dials .stSelectbox input { width: 100%; min-width: 0; min-height: 0; padding-block: 0; }
.st-key-dials :is(.stButtonGroup, .stButton, .stPopover) button { min-height: 1.9rem; padding: .1rem .5rem; }

/* a formula that is too long for its column goes on in the next line, so that nothing has to be scrolled */
.stMarkdown .katex-display { overflow: visible !important; margin: .3em 0; }
.stElementContainer:has(.katex-display) { padding-bottom: .3rem; }
.stMarkdown .katex-display > .katex { white-space: normal; }
.stMarkdown .katex-display .base { margin: .15em 0; }

.uv-home { margin: 0; text-align: right; font-size: 13px; }

/* room for the view before it is there, so that nothing jumps when it comes */
.st-key-work { min-height: calc(var(--screen) - 150px); }
/* Streamlit fades what is asked for anew. The view stays as it is until the answer comes, and no key costs two pictures more. */
.st-key-work .stElementContainer { opacity: 1 !important; transition: none !important; }
.st-key-below { padding-top: .8rem; }
.st-key-below h2 { font-size: 1.2rem; padding: 0; }

@media (max-width: 700px) {
  .stMainBlockContainer { padding-top: .5rem; }
  .stMainBlockContainer h1 { font-size: 1.2rem; }
  /* the box, then what can be chosen, then the network: the parts of the view lie in one column with the rest of the page */
  :has(> .st-key-work), .st-key-work, .st-key-work :has(.uv), .uv { display: contents !important; }
  .uv > * { order: 3; } .uv > .uv-box { order: 1; }
  :is(:has(> .st-key-choices), :has(> .st-key-dials), .stElementContainer:has(.lv)) { order: 2; }
  :has(> .st-key-below) { order: 4; }
  .st-key-choices .stButtonGroup { max-width: calc(100vw - 2rem); }
  .st-key-choices .stButtonGroup > div { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  .st-key-choices .stButtonGroup button { flex: none; }
  .modebar-container, [data-testid="stElementToolbar"] { display: none !important; }
}
</style>"""
