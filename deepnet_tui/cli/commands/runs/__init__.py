"""`runs`: lists the stored runs; its commands show, compare, export, label, delete and restore them."""
