/** The page's shape while the first answer is awaited. */
export function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Loading the fleet">
      <div className="tiles" aria-hidden="true">
        {[1, 2, 3].map((tile) => (
          <span key={tile} className="tile">
            <span className="bone bone-short" />
            <span className="bone bone-tall" />
            <span className="bone" />
          </span>
        ))}
      </div>
      {[1, 2, 3].map((section) => (
        <div key={section} className="mode" aria-hidden="true">
          <div className="mode-head">
            <span className="bone bone-short" />
          </div>
          <span className="bone" />
          <span className="bone" />
        </div>
      ))}
    </div>
  );
}
