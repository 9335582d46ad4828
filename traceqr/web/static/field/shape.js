// What a value from outside must look like, said as predicates that are put together.

export const isText = (value) => typeof value === "string";
export const isTextOrNull = (value) => value === null || isText(value);
export const isCount = (least, most = Number.MAX_SAFE_INTEGER) => (value) =>
  Number.isSafeInteger(value) && value >= least && value <= most;
export const isWhole = Number.isSafeInteger;
export const isLike = (pattern) => (value) => isText(value) && pattern.test(value);
export const isOneOf = (...values) => (value) => values.includes(value);
export const isNullOr = (holds) => (value) => value === null || holds(value);
export const isListOf = (holds, most = Infinity) => (value) =>
  Array.isArray(value) && value.length <= most && value.every(holds);
export const isTuple = (...holds) => (value) =>
  Array.isArray(value) && value.length === holds.length && holds.every((one, at) => one(value[at]));

/** An object with exactly these members, each of its kind. */
export const isObject = (members) => {
  const names = Object.keys(members);
  return (value) =>
    isPlain(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && members[name](value[name]));
};

/** An object with some of these members and no others. */
export const isObjectWithin = (members) => (value) =>
  isPlain(value) && Object.keys(value).every((name) => Object.hasOwn(members, name) && members[name](value[name]));

export const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** An instant as bundles write it: RFC 3339 in UTC, with three decimals. */
export const isInstant = (value) => {
  if (!isLike(/^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
};

/** A calendar date. */
export const isDay = (value) => isLike(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)(value) && isInstant(`${value}T00:00:00.000Z`);

/** Whether each comes after the one before it. */
export const isAscending = (list, compare = (one, other) => one - other) =>
  list.every((each, at) => at === 0 || compare(list[at - 1], each) < 0);

/** By code points, which is not how this language compares texts. */
export const byText = (one, other) => {
  const [points, others] = [[...one], [...other]];
  const at = points.findIndex((sign, place) => sign !== others[place]);
  if (at < 0) return points.length - others.length;
  return at < others.length ? points[at].codePointAt(0) - others[at].codePointAt(0) : 1;
};
