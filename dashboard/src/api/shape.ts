/** What a field of a command's input takes, as the schema says. */
export interface FieldShape {
  readonly kind: string;
  /** The enum or input type, where the kind is one. */
  readonly type?: string;
  /** What the list holds. */
  readonly of?: FieldShape;
  readonly required?: boolean;
  /** What a text is: a document, an organisation, words, a certificate. */
  readonly as?: string;
  /** The schema's own words, in English. */
  readonly says?: string;
}

/** An input type: all of its fields, or with `oneOf` exactly one of them. */
export interface InputShape {
  readonly oneOf?: boolean;
  readonly fields: Readonly<Record<string, FieldShape>>;
}
