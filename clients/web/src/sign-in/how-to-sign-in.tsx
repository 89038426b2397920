/** Tells how to get a sign-in link. */
export function HowToSignIn({ heading }: { heading: string }) {
  const command = `printf 'Authorization: Bearer %s' "$STOA_ADMIN_TOKEN" |\n  curl -X POST -H @- ${location.origin}/v1/sign-in-links`;
  return (
    <section className="panel">
      <h1>{heading}</h1>
      <p>A sign-in link opens the Console in one browser, once, within ten minutes.</p>
      <ul className="ways">
        <li>
          <h2>You started STOA with <code>make up</code></h2>
          <p>It printed a link: open that one. Was it used already? The way below makes another.</p>
        </li>
        <li>
          <h2>You have the administrator’s token</h2>
          <p>Ask for a link and open the <code>url</code> of the answer. The Control Plane said at its first start where it keeps the token.</p>
          <pre tabIndex={0}><code>{command}</code></pre>
        </li>
        <li>
          <h2>You have neither</h2>
          <p>Ask whoever runs this Control Plane for a link.</p>
        </li>
      </ul>
    </section>
  );
}
