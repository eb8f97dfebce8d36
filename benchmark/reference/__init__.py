"""The measurements that come with salbench: how they are written, used, checked, and what they say."""
