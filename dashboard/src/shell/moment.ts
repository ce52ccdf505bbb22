/** Of the address's search only the moment goes along to another page. */
export function keepMoment(old: Record<string, unknown>) {
  return old.asOf === undefined ? {} : { asOf: old.asOf };
}
