print("opal: nothing here yet")
