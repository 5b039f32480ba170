// Ordering queues by name: tasks of one lane run one after another in the order they came, tasks of different lanes
// do not wait for each other. A lane exists only while something is in it.

export interface Lanes {
  /**
   * Runs `task` when all earlier tasks of the lane have settled; in an empty lane it starts before this returns.
   * Settles as the task does.
   */
  run<T>(lane: string, task: () => T | Promise<T>): Promise<T>;
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();

  return {
    run<T>(lane: string, task: () => T | Promise<T>): Promise<T> {
      const before = tails.get(lane);
      const work = before === undefined ? start(task) : before.then(task);
      const tail: Promise<unknown> = work.catch(() => {}).finally(() => {
        if (tails.get(lane) === tail) tails.delete(lane);
      });
      tails.set(lane, tail);
      return work;
    },
  };
}

function start<T>(task: () => T | Promise<T>): Promise<T> {
  try {
    return Promise.resolve(task());
  } catch (error) {
    return Promise.reject(error);
  }
}
