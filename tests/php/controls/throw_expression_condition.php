<?php

$value = $given ? $given : throw new RuntimeException("none");
