"""The style sheet of the HTML page: the colours of the application, light and dark, as a reader's system has it."""

from __future__ import annotations

STYLE = """\
:root {
  color-scheme: light dark;
  --page: #faf8f4; --text: #24211d; --quiet: #5f5a52; --mine: #dce8f4; --theirs: #f2efe8; --line: #ddd7ca;
  --accent: #8a4d0b; --user: #1f5f99; --code: #efebe2; --warning: #7a5300;
  --comment: #6a655c; --keyword: #8a2f6b; --string: #276b2b; --number: #8a4d0b; --name: #1f5f99;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #16161a; --text: #d9d6d0; --quiet: #9c9aa3; --mine: #22303f; --theirs: #202026; --line: #33333c;
    --accent: #e0a458; --user: #7db4e6; --code: #131317; --warning: #e5b567;
    --comment: #8b8993; --keyword: #d69fd0; --string: #98c379; --number: #e0a458; --name: #7db4e6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
.page { max-width: 50rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1.1rem; }
h1.title { font-size: 1.6rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; overflow-wrap: anywhere; }
header p { margin: .35rem 0 0; color: var(--quiet); }
header b { color: var(--accent); font-weight: 600; }
.day { text-align: center; color: var(--quiet); font-size: .85rem; margin: 2.2rem 0 1rem; font-weight: 500; }
.day::before, .day::after {
  content: ""; display: inline-block; vertical-align: middle; width: 3rem; border-top: 1px solid var(--line);
  margin: 0 .8rem;
}
.message { display: flex; flex-direction: column; align-items: flex-start; margin-top: .3rem;
  content-visibility: auto; contain-intrinsic-size: auto 5rem; }
.message.leads { margin-top: 1.1rem; }
.message.user { align-items: flex-end; }
.who { font-size: .85rem; color: var(--quiet); margin: 0 .9rem .25rem; }
.who b { color: var(--accent); font-weight: 600; }
.user .who b { color: var(--user); }
.bubble {
  max-width: min(88%, 42rem); padding: .55rem .9rem; margin-bottom: .25rem; border-radius: 1.05rem;
  background: var(--theirs); overflow-wrap: anywhere; min-width: 0;
}
.user .bubble { background: var(--mine); white-space: pre-wrap; border-bottom-right-radius: .35rem; }
.character .bubble { border-bottom-left-radius: .35rem; }
.bubble > :first-child { margin-top: 0; }
.bubble > :last-child { margin-bottom: 0; }
.bubble p, .bubble ul, .bubble ol, .bubble blockquote, .bubble pre, .bubble .wide { margin: .6em 0; }
.bubble h1, .bubble h2, .bubble h3, .bubble h4, .bubble h5, .bubble h6 { line-height: 1.3; margin: 1em 0 .4em; }
.bubble h1 { font-size: 1.3rem; } .bubble h2 { font-size: 1.18rem; } .bubble h3 { font-size: 1.08rem; }
.bubble h4, .bubble h5, .bubble h6 { font-size: 1rem; }
.bubble ul, .bubble ol { padding-inline-start: 1.5em; }
.bubble li + li { margin-top: .2em; }
.bubble hr { border: 0; border-top: 1px solid var(--line); }
.plain { white-space: pre-wrap; }
blockquote { border-inline-start: 3px solid var(--line); padding-inline-start: .9em; margin-inline: 0;
  color: var(--quiet); }
a { color: var(--user); text-underline-offset: .15em; }
code { font: .9em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; background: var(--code);
  border-radius: .3rem; padding: .1em .3em; }
pre { background: var(--code); border-radius: .6rem; padding: .75rem .9rem; overflow-x: auto; }
pre code { background: none; padding: 0; white-space: pre; overflow-wrap: normal; }
.language { float: inline-end; color: var(--quiet); font-size: .75rem; margin-inline-start: 1rem; }
.comment { color: var(--comment); font-style: italic; } .keyword { color: var(--keyword); }
.string { color: var(--string); } .number { color: var(--number); } .name { color: var(--name); }
table { border-collapse: collapse; margin: .6em 0; display: block; overflow-x: auto; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: start; }
th { border-bottom-width: 2px; }
.left { text-align: left; } .center { text-align: center; } .right { text-align: right; }
details { margin: 0 .9rem .4rem; color: var(--quiet); font-size: .9rem; max-width: min(88%, 42rem); }
summary { cursor: pointer; }
details div { white-space: pre-wrap; overflow-wrap: anywhere; border-inline-start: 2px solid var(--line);
  padding-inline-start: .8rem; margin: .4rem 0 .2rem; }
figure { margin: .35rem 0 .5rem; max-width: min(100%, 34rem); }
figure > img, figure > video { display: block; max-width: 100%; height: auto; max-height: 40rem; border-radius: .9rem; }
.user figure { text-align: end; }
figcaption { font-size: .88rem; margin: .45rem .2rem 0; overflow-wrap: anywhere; }
figcaption em { display: block; }
figcaption .facts { color: var(--quiet); }
.variants { display: flex; flex-wrap: wrap; gap: .5rem; margin: .55rem 0 0; padding: 0; list-style: none; }
.variants img { display: block; height: 5.5rem; width: auto; max-width: 11rem; object-fit: cover;
  border-radius: .5rem; }
.variants span { display: block; color: var(--quiet); font-size: .75rem; text-align: center; margin-top: .15rem; }
.missing { border: 1px dashed var(--line); border-radius: .9rem; padding: 1.4rem 1.1rem; color: var(--warning);
  font-size: .9rem; }
.note { color: var(--quiet); font-size: .82rem; margin: 0 .9rem .2rem; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .9rem; color: var(--quiet);
  font-size: .85rem; }
@media (max-width: 34rem) { .page { padding: 1.25rem .8rem 2rem; } .bubble { max-width: 94%; } }
@media print {
  :root { --page: #fff; --text: #000; --quiet: #555; --mine: #e8eff6; --theirs: #f4f2ed; --line: #ccc;
    --accent: #6d3c08; --user: #174a78; --code: #f4f2ed; }
  .page { max-width: none; padding: 0; }
  .message { content-visibility: visible; }
  .bubble, figure { break-inside: avoid; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure > img { max-height: 14cm; }
  pre, pre code { white-space: pre-wrap; }
}
"""
