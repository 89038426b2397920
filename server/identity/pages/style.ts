/** Of all pages of signing in: one column that fits a phone, in the system's theme. */
export const style = `:root { color-scheme: light dark; --ground: #f5f7fa; --card: #fff; --ink: #16202c; --quiet: #4c5868; --accent: #17478f; --on-accent: #fff; --line: #7b8794; --soft: #dfe3e8; --bad: #a01d15; --bad-ground: #fdf0ef; --good: #17693f; }
@media (prefers-color-scheme: dark) { :root { --ground: #10151c; --card: #161c25; --ink: #e7ebf1; --quiet: #b4bfcc; --accent: #9cc6f8; --on-accent: #10151c; --line: #7f8b9a; --soft: #27303c; --bad: #ffa9a2; --bad-ground: #3a1715; --good: #74d49b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; align-items: center; gap: 0.6rem; max-width: 34rem; margin: 0 auto; padding: 1.25rem 1rem 0; font-weight: 700; }
header .light { color: var(--quiet); font-weight: 400; }
main { max-width: 34rem; margin: 1rem auto 3rem; padding: 0 1rem; }
.card { background: var(--card); border: 1px solid var(--soft); border-radius: 0.6rem; padding: clamp(1rem, 4vw, 2rem); margin-bottom: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.75rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0 0 1rem; } .hint { color: var(--quiet); margin: 0.25rem 0 0; font-size: 0.9rem; }
label { display: block; font-weight: 600; margin-top: 1rem; }
input { display: block; width: 100%; margin-top: 0.25rem; padding: 0.6rem 0.7rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 0.35rem; }
fieldset { border: 0; margin: 0; padding: 0; } legend { font-weight: 600; padding: 0; }
input[type='radio'] { display: inline; width: auto; margin: 0 0.4rem 0 0; } fieldset label { font-weight: 400; margin-top: 0.5rem; }
input[aria-invalid='true'] { border-color: var(--bad); }
.code { font: 1.25rem/1.4 ui-monospace, monospace; letter-spacing: 0.1em; }
.fault { color: var(--bad); margin: 0.25rem 0 0; font-size: 0.95rem; }
.alert { background: var(--bad-ground); color: var(--bad); border-left: 4px solid var(--bad); padding: 0.75rem 1rem; margin: 0 0 1rem; }
button, .button { display: inline-block; min-height: 2.75rem; padding: 0.6rem 1.2rem; margin: 1.25rem 0.5rem 0 0; font: inherit; font-weight: 600; cursor: pointer; border-radius: 0.35rem; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); text-decoration: none; }
button.second { background: transparent; color: var(--accent); } button.small { min-height: 2.25rem; padding: 0.3rem 0.8rem; margin: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
dl { margin: 0 0 1rem; } dt { color: var(--quiet); font-size: 0.9rem; } dd { margin: 0 0 0.6rem; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; } .plain { list-style: none; padding: 0; } .rows > li { display: flex; gap: 1rem; justify-content: space-between; align-items: center; padding: 0.75rem 0; border-top: 1px solid var(--soft); }
.recovery { columns: 2; font: 1.05rem/1.9 ui-monospace, monospace; list-style: none; padding: 0; }
@media (max-width: 26rem) { .recovery { columns: 1; } }
.qr { display: block; width: 12rem; height: 12rem; margin: 0.5rem 0; background: #fff; padding: 0.5rem; border-radius: 0.35rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
`;
