// What the browser keeps for the page. Where it may not, or has no room, the page itself does until it is left.

class Kept {
  constructor(storage) {
    Object.assign(this, { storage, memory: new Map() });
  }

  get(name) {
    return this.memory.get(name) ?? this.tried((storage) => storage.getItem(name));
  }

  set(name, value) {
    this.memory.set(name, value);
    this.tried((storage) => {
      storage.setItem(name, value);
      this.memory.delete(name);
    });
  }

  remove(name) {
    this.memory.delete(name);
    this.tried((storage) => storage.removeItem(name));
  }

  tried(use) {
    try {
      return use(this.storage());
    } catch (error) {
      if (error instanceof DOMException) return null; // forbidden, or full
      throw error;
    }
  }
}

export const inTab = new Kept(() => sessionStorage);
export const inBrowser = new Kept(() => localStorage);
