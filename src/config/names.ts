/** Names of connections and syncs. */
export const namePattern = /^[A-Za-z_][\w-]*$/
