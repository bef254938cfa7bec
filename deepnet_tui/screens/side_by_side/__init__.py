"""Side by side: two or three networks on the same data, trained in step, each with its picture and its cost."""
