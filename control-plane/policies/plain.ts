/** A value that whoever gets it may change: what schemas of the API take. */
export type Plain<Value> = Value extends readonly (infer Item)[]
  ? Plain<Item>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value;

/** A copy, so that nobody changes the original. */
export function plain<Value>(value: Value): Plain<Value> {
  return structuredClone(value) as Plain<Value>;
}
