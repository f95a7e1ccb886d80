/** A value, or a promise of it: what a worker has at once may come later in a browser or from a GPU. */
export type Awaitable<T> = T | Promise<T>;
