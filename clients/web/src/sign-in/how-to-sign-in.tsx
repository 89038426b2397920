/** Leads to signing in, and tells how to get a sign-in link. `level` is 2 under another heading of the page. */
export function HowToSignIn({ heading, level = 1 }: { heading: string; level?: 1 | 2 }) {
  const Heading = level === 1 ? 'h1' : 'h2';
  const Way = level === 1 ? 'h2' : 'h3';
  const command = `printf 'Authorization: Bearer %s' "$STOA_ADMIN_TOKEN" |\n  curl -X POST -H @- ${location.origin}/v1/sign-in-links`;
  return (
    <section className="panel">
      <Heading>{heading}</Heading>
      <p>
        <a className="button" href="/sign-in/start">
          Sign in
        </a>
      </p>
      <p>Without an account of your own, a sign-in link opens the Console in one browser, once, within ten minutes.</p>
      <ul className="ways">
        <li>
          <Way>
            You started STOA with <code>make up</code>
          </Way>
          <p>It printed a link: open that one. Was it used already? The way below makes another.</p>
        </li>
        <li>
          <Way>You have the administrator’s token</Way>
          <p>
            Ask for a link and open the <code>url</code> of the answer. The token is kept in <code>admin-token</code> in the data directory of the
            Control Plane, <code>.stoa/control-plane</code> unless set otherwise.
          </p>
          <pre>
            <code>{command}</code>
          </pre>
        </li>
        <li>
          <Way>You have neither</Way>
          <p>Ask whoever runs this Control Plane for a link.</p>
        </li>
      </ul>
    </section>
  );
}
